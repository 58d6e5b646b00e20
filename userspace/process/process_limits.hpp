// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>

namespace tocsin::limits {

// Containers whose start is remembered. Full: the one heard of least lately is looked up again.
inline constexpr std::size_t kContainersMax = 1'024;

}  // namespace tocsin::limits
