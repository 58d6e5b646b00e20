// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>

namespace tocsin::limits {

// Containers whose start is remembered. Full: the one heard of least lately is looked up again.
inline constexpr std::size_t kContainersMax = 1'024;

// Living processes remembered as ways into their mount namespace. More: not needed.
inline constexpr std::size_t kNamespaceProcessesMax = 32;
// Mount namespaces so remembered. More: those without a living process are forgotten, then all.
inline constexpr std::size_t kMountNamespacesMax = 4'096;

}  // namespace tocsin::limits
