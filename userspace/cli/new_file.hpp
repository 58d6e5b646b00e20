// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tocsin::cli {

// Writes a file that only its owner reads (mode 0600). A regular file that is there is replaced in
// one step when replace is set, else it is an error; a symbolic link, device or
// folder at the path is never followed and never replaced.
Result<void> write_private_file(const std::string& path, std::string_view text, bool replace);

}  // namespace tocsin::cli
