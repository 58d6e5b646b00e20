// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as a page: what comes out leads back into it.
#include <cstdlib>
#include <string_view>

#include "extract/html.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view page(reinterpret_cast<const char*>(data), size);
  const auto text = tocsin::html_to_text(page);
  for (std::size_t i = 0; i < text.text.size(); ++i)
    if (text.map.original(i) > size + 16) std::abort();
  return 0;
}
