// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "base/limits.hpp"

namespace tocsin::limits {

// Packages ----------------------------------------------------------------------------------------
// Packages and files of all databases together; 16 bytes a file are kept. More: left out, counted,
// and no path is said to be without an owner.
inline constexpr std::size_t kPackagesMax = 65'536;
inline constexpr std::size_t kPackageFilesMax = 1'000'000;
// One file or header of a database, bytes. Larger: not read, reported.
inline constexpr std::size_t kPackageFileBytesMax = 64UL * 1024 * 1024;
inline constexpr std::size_t kPackagePathBytesMax = 4'096;  // PATH_MAX; longer: a fault, counted
// Libraries kept of one program. More: left out, counted.
inline constexpr std::size_t kModulesPerProgramMax = 32;
// Programs whose libraries are kept. More: the longest unused goes.
inline constexpr std::size_t kModuleProgramsMax = 1'024;
// Libraries that wait for the exec event of their program. More: told with what is known.
inline constexpr std::size_t kEarlyModulesMax = 256;

}  // namespace tocsin::limits
