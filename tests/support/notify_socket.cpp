// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/notify_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace tocsin::test {

NotifySocket::NotifySocket(std::uint64_t watchdog_s)
    : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  const auto path = dir_.file("notify");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!socket_ || path.size() >= sizeof(address.sun_path))
    throw std::runtime_error("no notify socket");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("binding " + path);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  if (watchdog_s > 0) setenv("WATCHDOG_USEC", std::to_string(watchdog_s * 1'000'000).c_str(), 1);
}

NotifySocket::~NotifySocket() {
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
}

std::string NotifySocket::take() const {
  std::array<char, 512> message;
  const auto bytes = recv(socket_.get(), message.data(), message.size(), 0);
  return bytes > 0 ? std::string(message.data(), static_cast<std::size_t>(bytes)) : std::string();
}

}  // namespace tocsin::test
