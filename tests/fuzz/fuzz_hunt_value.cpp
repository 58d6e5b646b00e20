// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What a client asks for, and values as a history of anybody's may hold them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "history/hunt_value.hpp"

using namespace tocsin;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void try_value(std::string_view typed) {
  const auto value = parse_hunt_value(typed);
  if (!value) return;
  const auto again = make_hunt_value(value->type, value->text);
  must(again && again->text == value->text && again->host == value->host);
  for (const auto& [kind, range] : ranges_of(*value)) {
    must(range.from < range.to);
    // The first of a range is a sighting itself, but for the address alone.
    if (kind != SeenKind::kDestination) must(is_sighting(*value, kind, range.from));
    (void)shown_value(kind, range.from, 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_value(text);
  for (std::uint32_t kind = 0; kind < 7; ++kind)
    for (const std::uint32_t flags : {0U, ~0U}) {
      const auto shown = shown_value(static_cast<SeenKind>(kind), text, flags);
      must(shown.size() <= 2 * text.size() + 64);
    }
  must(reversed_labels(reversed_labels(text)) == text);
  return 0;
}
