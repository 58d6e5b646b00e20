// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/own_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.hpp"

namespace tocsin {

Result<std::optional<std::vector<std::byte>>> read_own_file(const std::string& path,
                                                            std::size_t bytes_max) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) return fail_errno(path, errno);
  struct stat st {};
  if (fstat(fd.get(), &st) != 0) return fail_errno(path, errno);
  if (!S_ISREG(st.st_mode)) return fail(ErrorCode::kInvalidInput, path + ": not a regular file");
  if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail(ErrorCode::kPermission, path + ": others can write it, so it is not believed");
  if (static_cast<std::uint64_t>(st.st_size) > bytes_max)
    return fail(ErrorCode::kLimit, fmt::format("{}: larger than {} bytes", path, bytes_max));
  std::vector<std::byte> bytes(static_cast<std::size_t>(st.st_size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const auto got = read(fd.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace tocsin
