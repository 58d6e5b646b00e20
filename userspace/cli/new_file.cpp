// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/new_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/write_file.hpp"

namespace tocsin::cli {
namespace {

constexpr mode_t kMode = 0600;  // what an alert knows is not everybody's business

}  // namespace

Result<void> write_private_file(const std::string& path, std::string_view text, bool replace) {
  struct stat st {};
  const bool there = lstat(path.c_str(), &st) == 0;
  if (!there && errno != ENOENT) return fail_errno("looking at " + path, errno);
  if (there && S_ISLNK(st.st_mode))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} is a symbolic link; give the name of a file of your own", path));
  if (there && !S_ISREG(st.st_mode))
    return fail(ErrorCode::kInvalidInput, fmt::format("{} is not a regular file", path));
  if (there && !replace)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} is there already; give another name, or --force", path));
  // Written beside it and renamed: a link that appears meanwhile is replaced, not followed.
  return replace_file(std::filesystem::path(path), text, kMode);
}

}  // namespace tocsin::cli
