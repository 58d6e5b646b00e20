// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>

namespace tocsin::limits {

// Packages and files of all databases together; 16 bytes a file are kept. More: left out, counted,
// and no path is said to be without an owner.
inline constexpr std::size_t kPackagesMax = 65'536;
inline constexpr std::size_t kPackageFilesMax = 1'000'000;
// One file or header of a database, bytes. Larger: not read, reported.
inline constexpr std::size_t kPackageFileBytesMax = 64UL * 1024 * 1024;
inline constexpr std::size_t kPackagePathBytesMax = 4'096;  // PATH_MAX; longer: a fault, counted

}  // namespace tocsin::limits
