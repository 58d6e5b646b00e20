// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as text of any encoding: valid UTF-8 comes out, and positions lead back.
#include <cstdlib>
#include <string_view>

#include "base/utf8.hpp"
#include "extract/encoding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto decoded = DecodedText::decode(bytes);
  if (!decoded) return 0;
  if (!is_utf8(decoded->text())) std::abort();
  std::uint64_t before = 0;
  for (std::size_t at = 0; at <= decoded->text().size(); at += 97) {
    const auto offset = decoded->source_offset(at);
    if (offset < before || offset > size) std::abort();
    before = offset;
  }
  return 0;
}
