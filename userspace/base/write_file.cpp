// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/write_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "base/fd.hpp"

namespace tocsin {

Result<void> sync_folder(const std::filesystem::path& folder) {
  const auto name = folder.empty() ? std::string(".") : folder.string();
  const Fd fd(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return fail_errno("syncing " + name, errno);
  return {};
}

Result<void> replace_file(const std::filesystem::path& path, std::span<const std::byte> bytes,
                          mode_t mode) {
  const auto folder = path.parent_path();
  std::string fresh = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  const Fd fd(::mkostemp(fresh.data(), O_CLOEXEC));
  if (!fd) return fail_errno("creating " + fresh, errno);
  const auto give_up = [&](std::string_view doing) {
    const int error = errno;
    ::unlink(fresh.c_str());
    return fail_errno(std::string(doing) + " " + fresh, error);
  };
  while (!bytes.empty()) {
    const auto put = ::write(fd.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return give_up("writing");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0) return give_up("finishing");
  if (::rename(fresh.c_str(), path.c_str()) != 0) return give_up("renaming");
  return sync_folder(folder);
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  return replace_file(path, std::as_bytes(std::span(text)), mode);
}

}  // namespace tocsin
