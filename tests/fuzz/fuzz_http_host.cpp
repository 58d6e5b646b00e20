// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstdint>
#include <cstdlib>

#include "names/http_host.hpp"

using namespace tocsin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto whole = parse_http_host(bytes);
  if (whole.host.size() > 4 * 255) std::abort();
  for (const char c : whole.host)
    if (c <= ' ' || c == 0x7f) std::abort();
  // A prefix of a request is never taken for another protocol.
  if (whole.state == ParseState::kFound && size > 0 &&
      parse_http_host(bytes.first(size / 2)).state == ParseState::kOther)
    std::abort();
  return 0;
}
