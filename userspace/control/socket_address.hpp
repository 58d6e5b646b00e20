// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/result.hpp"

namespace tocsin::control {

struct SocketAddress {
  sockaddr_un un{};
  socklen_t length = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&un); }
};

// A path of the file system; the kernel takes 107 bytes at most.
inline Result<SocketAddress> socket_address(std::string_view path) {
  SocketAddress address;
  if (path.empty() || path.size() >= sizeof address.un.sun_path ||
      path.find('\0') != std::string_view::npos)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("a socket's path has 1 to {} bytes", sizeof address.un.sun_path - 1));
  address.un.sun_family = AF_UNIX;
  std::memcpy(address.un.sun_path, path.data(), path.size());
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

}  // namespace tocsin::control
