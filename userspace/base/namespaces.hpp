// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

namespace tocsin {

// Inode number of a namespace ("mnt", "pid", "net") of this process or of another; 0 when it cannot
// be told. The numbers of ended namespaces are given again.
std::uint32_t own_namespace(const char* kind);
std::uint32_t namespace_of(std::uint32_t pid, const char* kind);

}  // namespace tocsin
