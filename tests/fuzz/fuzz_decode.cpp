// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstdint>
#include <cstdlib>

#include "event/decode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto event =
      tocsin::decode(std::as_bytes(std::span(data, size)), 1'700'000'000'000'000'000);
  if (!event && event.error().message.empty()) std::abort();
  return 0;
}
