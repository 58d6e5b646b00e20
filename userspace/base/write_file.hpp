// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace tocsin {

// Replaces the file at path in one step: written beside it under a hidden name, synced, renamed
// over it, and the folder synced. A reader sees the old content or the new, also after a power cut;
// on an error the old content is still there and nothing is left beside it.
Result<void> replace_file(const std::filesystem::path& path, std::span<const std::byte> bytes,
                          mode_t mode);
Result<void> replace_file(const std::filesystem::path& path, std::string_view text, mode_t mode);

// Makes a rename or removal in the folder last.
Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace tocsin
