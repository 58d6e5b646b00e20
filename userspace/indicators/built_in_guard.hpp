// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <span>
#include <string_view>

namespace tocsin {

// The guard lists of iocs/guard as they were at the build.
struct BuiltInList {
  std::string_view name;  // of the file
  std::string_view json;
};
std::span<const BuiltInList> built_in_guard_lists();

}  // namespace tocsin
