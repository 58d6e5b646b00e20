// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/operator_session.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace tocsin::test {
namespace {

constexpr int kAcceptMs = 60'000, kReadMs = 5'000;

bool readable(int fd, int ms) {
  pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&wait, 1, ms) == 1;
}

}  // namespace

// A thread may enter another network namespace by itself; sockets stay where they were made.
OperatorSession::OperatorSession(Options options) {
  std::thread([&] {
    const Fd ns(::open(options.net_ns_path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!ns || ::setns(ns.get(), CLONE_NEWNET) != 0) return;
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(options.port);
    ::inet_pton(AF_INET, options.address.c_str(), &at.sin_addr);
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
        ::listen(listener_.get(), 1) != 0)
      listener_.reset();
  }).join();
  if (!listener_) throw std::runtime_error("nobody can listen for the shell");
  thread_ = std::thread([this, options = std::move(options)] { serve(options); });
}

OperatorSession::~OperatorSession() {
  ::shutdown(listener_.get(), SHUT_RDWR);  // ends an accept that waits
  if (thread_.joinable()) thread_.join();
}

void OperatorSession::serve(const Options& options) {
  if (!readable(listener_.get(), kAcceptMs)) return;
  const Fd shell(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!shell) return;
  (void)::send(shell.get(), options.commands.data(), options.commands.size(), MSG_NOSIGNAL);
  std::array<char, 4096> buffer{};
  while (readable(shell.get(), kReadMs)) {
    const auto got = ::recv(shell.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    said_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

std::string OperatorSession::transcript() {
  if (thread_.joinable()) thread_.join();
  return said_;
}

}  // namespace tocsin::test
