// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <string_view>

#include "extract/stix_pattern.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(
      tocsin::parse_stix_pattern(std::string_view(reinterpret_cast<const char*>(data), size)));
  return 0;
}
