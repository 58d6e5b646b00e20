// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/tls_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace tocsin::test {
namespace {

constexpr int kPollMs = 20;
constexpr std::size_t kHeadBytesMax = 16 * 1024, kBodyBytesMax = 4 * 1024 * 1024;

bool readable(int fd) {
  pollfd wait{fd, POLLIN, 0};
  return poll(&wait, 1, kPollMs) == 1;
}

void make_certificate(const TempDir& dir) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
      "-subj /CN=tocsin-test -addext subjectAltName=IP:127.0.0.1 -keyout " +
      dir.file("key.pem") + " -out " + dir.file("cert.pem") + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl req failed");
}

bool write_all(SSL* tls, const std::string& text) {
  return text.empty() || SSL_write(tls, text.data(), static_cast<int>(text.size())) > 0;
}

}  // namespace

TlsServer::TlsServer() {
  make_certificate(dir_);
  signal(SIGPIPE, SIG_IGN);  // clients break off on purpose
  listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.get(), raw, size) != 0 || listen(listener_.get(), 8) != 0 ||
      getsockname(listener_.get(), raw, &size) != 0)
    throw std::runtime_error("no listening socket");
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

TlsServer::~TlsServer() {
  thread_.request_stop();
  thread_.join();
}

void TlsServer::set(const std::string& path, Page page) {
  const std::lock_guard lock(mutex_);
  pages_[path] = std::move(page);
}

std::string TlsServer::url(const std::string& path) const {
  return "https://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> TlsServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> TlsServer::bodies() const {
  const std::lock_guard lock(mutex_);
  return bodies_;
}

void TlsServer::serve(const std::stop_token& stop) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_server_method()),
                                                             SSL_CTX_free);
  SSL_CTX_use_certificate_file(context.get(), dir_.file("cert.pem").c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context.get(), dir_.file("key.pem").c_str(), SSL_FILETYPE_PEM);
  while (!stop.stop_requested()) {
    if (!readable(listener_.get())) continue;
    const Fd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::unique_ptr<SSL, void (*)(SSL*)> tls(SSL_new(context.get()), SSL_free);
    SSL_set_fd(tls.get(), client.get());
    if (SSL_accept(tls.get()) == 1) answer(tls.get(), stop);
  }
}

void TlsServer::answer(void* raw, const std::stop_token& stop) {
  auto* tls = static_cast<SSL*>(raw);
  std::string head;
  std::array<char, 4096> buffer;
  while (head.find("\r\n\r\n") == std::string::npos && head.size() < kHeadBytesMax) {
    const int got = SSL_read(tls, buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) return;
    head.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const auto end = head.find("\r\n\r\n");
  if (end == std::string::npos) return;
  std::string body = head.substr(end + 4);
  head.resize(end + 4);
  const auto length = head.find("Content-Length: ");
  const auto wanted = length == std::string::npos ? 0 : std::stoul(head.substr(length + 16));
  while (body.size() < wanted && body.size() < kBodyBytesMax) {
    const int got = SSL_read(tls, buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) return;
    body.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const auto begin = head.find(' ') + 1;
  const auto path = head.substr(begin, head.find(' ', begin) - begin);
  Page page;
  page.status = 404;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(head);
    bodies_.push_back(body);
    if (const auto it = pages_.find(path); it != pages_.end()) page = it->second;
  }
  if (page.silent) {
    while (!stop.stop_requested() && !readable(SSL_get_fd(tls))) continue;
    return;
  }
  // A validator that fits: nothing new.
  for (const auto& header : page.headers)
    if (header.starts_with("ETag: ") &&
        head.find("If-None-Match: " + header.substr(6)) != std::string::npos) {
      page.status = 304;
      page.body.clear();
    }
  std::string answer = "HTTP/1.1 " + std::to_string(page.status) + " x\r\nConnection: close\r\n";
  if (!page.endless) answer += "Content-Length: " + std::to_string(page.body.size()) + "\r\n";
  for (const auto& header : page.headers) answer += header + "\r\n";
  if (!write_all(tls, answer + "\r\n")) return;
  if (page.stall) {
    write_all(tls, page.body.substr(0, 1));
    while (!stop.stop_requested() && !readable(SSL_get_fd(tls))) continue;
    return;
  }
  do {
    if (!write_all(tls, page.body)) return;
  } while (page.endless && !stop.stop_requested());
  SSL_shutdown(tls);
}

}  // namespace tocsin::test
