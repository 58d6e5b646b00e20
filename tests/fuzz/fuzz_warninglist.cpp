// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "indicators/warninglists.hpp"

// Any bytes as a guard list: no crash, and an entry of a list of whole values or names is found
// again when a list was made of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin;
  auto list = parse_warninglist({reinterpret_cast<const char*>(data), size});
  if (!list) return 0;
  const bool names =
      list->type == WarninglistType::kHostname && list->applies_to(IndicatorType::kDomain);
  const auto entries = list->entries;
  Warninglists lists;
  if (!lists.add(std::move(*list))) return 0;
  for (const auto& entry : entries) {
    const bool found = !lists.hits(IndicatorType::kDomain, entry).empty();
    if (names && !found) std::abort();
    (void)lists.hits(IndicatorType::kUrl, "http://" + entry + "/x");
    (void)lists.hits(IndicatorType::kCidr, entry);
  }
  return 0;
}
