// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tocsin {

namespace limits {
// Names of hosts, sites, sets and hunts in a broker's subjects, bytes. Longer: refused.
inline constexpr std::size_t kSubjectNameBytesMax = 64;
}  // namespace limits

// a-z, 0-9 and '-' only, so that a name can neither add a part to a subject nor be a wildcard.
[[nodiscard]] inline bool is_subject_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kSubjectNameBytesMax &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace tocsin
