// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin {

// Whether a text that may be JSON nests brackets no deeper than this, strings left aside. To be
// asked before parsing hostile text, because the parser would build every level first.
bool json_nested_within(std::string_view text, std::size_t depth_max);

}  // namespace tocsin
