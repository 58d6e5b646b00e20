// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as a table: it ends, and every field lies in its text or is a copy of it.
#include <cstdlib>
#include <string_view>

#include "extract/delimited.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const char delimiter : {',', ';', '\t'}) {
    DelimitedReader reader(text, delimiter);
    std::size_t rows = 0;
    for (auto outcome = reader.next(); outcome != DelimitedReader::Outcome::kEnd;
         outcome = reader.next()) {
      if (++rows > size) std::abort();
      for (const auto& cell : reader.cells())
        if (cell.position > size || cell.text.size() > size) std::abort();
    }
  }
  static_cast<void>(detect_delimited(text));
  return 0;
}
