// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/real_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>

#include "base/fd.hpp"
#include "support/child.hpp"

namespace tocsin::test {
namespace {

constexpr int kWaitMs = 10'000;

Fd bound(int type, std::string& port) {
  Fd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), any, size) != 0 || ::getsockname(fd.get(), any, &size) != 0)
    throw std::runtime_error("binding a socket on loopback");
  port = std::to_string(ntohs(address.sin_port));
  return fd;
}

std::vector<std::string> with_port(std::vector<std::string> argv, const std::string& port) {
  for (auto& argument : argv)
    if (const auto at = argument.find("PORT"); at != std::string::npos)
      argument.replace(at, 4, port);
  return argv;
}

void wait_for(const Fd& fd, const Child& client) {
  pollfd ready{fd.get(), POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(patient(Millis(kWaitMs)).count())) != 1)
    throw std::runtime_error("the client said nothing: " + client.out() + client.err());
}

}  // namespace

std::vector<Bytes> said_by_tcp_client(std::vector<std::string> argv,
                                      const std::function<bool(const Bytes& all)>& enough) {
  std::string port;
  const Fd listener = bound(SOCK_STREAM, port);
  if (::listen(listener.get(), 1) != 0) throw std::runtime_error("listen");
  const Child client({.argv = with_port(std::move(argv), port)});
  wait_for(listener, client);
  const Fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  std::vector<Bytes> out;
  Bytes all;
  while (!enough(all)) {
    wait_for(connection, client);
    Bytes piece(64 * 1024);
    const auto n = ::recv(connection.get(), piece.data(), piece.size(), 0);
    if (n <= 0) break;
    piece.resize(static_cast<std::size_t>(n));
    all.insert(all.end(), piece.begin(), piece.end());
    out.push_back(std::move(piece));
  }
  return out;
}

std::vector<Bytes> said_by_udp_client(
    std::vector<std::string> argv, std::size_t datagrams,
    const std::function<std::optional<Bytes>(const Bytes&)>& answer) {
  std::string port;
  const Fd server = bound(SOCK_DGRAM, port);
  Child client({.argv = with_port(std::move(argv), port)});
  std::vector<Bytes> out;
  while (out.size() < datagrams) {
    wait_for(server, client);
    Bytes datagram(64 * 1024);
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* any = reinterpret_cast<sockaddr*>(&from);
    const auto n = ::recvfrom(server.get(), datagram.data(), datagram.size(), 0, any, &size);
    if (n < 0) throw std::runtime_error("recvfrom");
    datagram.resize(static_cast<std::size_t>(n));
    if (const auto reply = answer ? answer(datagram) : std::nullopt)
      ::sendto(server.get(), reply->data(), reply->size(), 0, any, size);
    out.push_back(std::move(datagram));
  }
  if (answer) client.wait(Millis(kWaitMs));
  return out;
}

}  // namespace tocsin::test
