// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>

namespace tocsin::limits {

// Libraries kept of one program. More: left out, counted.
inline constexpr std::size_t kModulesPerProgramMax = 32;
// Programs whose libraries are kept. More: the longest unused goes.
inline constexpr std::size_t kModuleProgramsMax = 1'024;
// Contents of libraries kept to be judged again. More: the one mapped longest ago goes.
inline constexpr std::size_t kModuleContentsMax = 4'096;
// Libraries that wait for the exec event of their program. More: told with what is known.
inline constexpr std::size_t kEarlyModulesMax = 256;

}  // namespace tocsin::limits
