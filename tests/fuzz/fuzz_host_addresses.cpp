// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/host_addresses.hpp"
#include "respond/respond_limits.hpp"

using namespace tocsin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& address : parse_fib_trie(text))
    if (!address.is_v4()) std::abort();
  if (parse_if_inet6(text).size() > limits::kHostAddressesMax) std::abort();
  return 0;
}
