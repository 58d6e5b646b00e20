// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tocsin {

// The whole of a file that was written by an earlier run: regular, of this user or of root, and
// writable for nobody else, else it is not believed. nullopt: there is none. Longer than bytes_max:
// refused. Errors name the file.
Result<std::optional<std::vector<std::byte>>> read_own_file(const std::string& path,
                                                            std::size_t bytes_max);

}  // namespace tocsin
