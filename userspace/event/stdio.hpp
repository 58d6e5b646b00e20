// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

namespace tocsin {

// What a standard stream is connected to, in the order of enum tw_stdio. kSocket: of a family that
// is not known, or neither of the last two.
enum class Stdio : std::uint8_t {
  kUnknown,
  kClosed,
  kNull,
  kFile,
  kPipe,
  kSocket,
  kPty,
  kOther,
  kUnixSocket,
  kInetSocket,
};

constexpr bool is_socket(Stdio stdio) {
  return stdio == Stdio::kSocket || stdio == Stdio::kUnixSocket || stdio == Stdio::kInetSocket;
}

}  // namespace tocsin
