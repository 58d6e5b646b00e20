// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/publisher_time.hpp"

#include <string>

#include "base/text.hpp"
#include "indicators/set_line.hpp"

namespace tocsin {

std::optional<WallNs> parse_publisher_time(std::string_view text) {
  text = trim(text);
  constexpr std::size_t kDate = 10, kSecond = 19;
  if (const auto seconds = parse_u64(text); seconds && text.size() == kDate)
    return static_cast<WallNs>(*seconds) * kNsPerSecond;
  if (text.size() < kDate) return std::nullopt;
  if (text.size() < kSecond) return parse_time(text.substr(0, kDate));
  std::string canonical(text.substr(0, kSecond));
  canonical[kDate] = 'T';
  return parse_time(canonical + "Z");
}

}  // namespace tocsin
