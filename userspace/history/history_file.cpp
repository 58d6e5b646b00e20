// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/history_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "base/fd.hpp"
#include "history/history_limits.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kParts = {"", "-wal", "-shm"};
constexpr mode_t kFolderMode = 0750, kFileMode = 0640;

// A group that may not be given away is no reason to keep no history: the owner can read it.
void give_to_group(int fd, const HistoryPlace& place) {
  if (place.group && ::fchown(fd, static_cast<uid_t>(-1), *place.group) != 0) errno = 0;
}

Result<void> ensure_folder(const HistoryPlace& place) {
  if (::mkdir(place.folder.c_str(), kFolderMode) != 0) {
    if (errno == EEXIST) return {};
    return fail_errno("making " + place.folder.string(), errno);
  }
  const Fd fd(::open(place.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fail_errno("opening " + place.folder.string(), errno);
  give_to_group(fd.get(), place);
  return {};
}

// SQLite would make it readable for everybody, and gives its own files the mode of this one.
Result<void> ensure_file(const HistoryPlace& place, const fs::path& path) {
  const Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kFileMode));
  if (!fd && errno == EEXIST) return {};
  if (!fd) return fail_errno("making " + path.string(), errno);
  give_to_group(fd.get(), place);
  return {};
}

Result<Database> open_once(const HistoryPlace& place, const fs::path& path, HistoryFile kind) {
  TOCSIN_TRY_VOID(ensure_file(place, path));
  TOCSIN_TRY(auto database, Database::open(path.string(), {.mode = Database::Mode::kCreate,
                                                           .sync = kind == HistoryFile::kAlerts
                                                                       ? Database::Sync::kFull
                                                                       : Database::Sync::kNormal}));
  TOCSIN_TRY_VOID(prepare_schema(database, kind));
  return database;
}

constexpr std::string_view kBroken = ".broken-";

// What it is one of: all files of days are one kind, for each has a name of its own.
std::string kind_of(const std::string& name) {
  return day_of_file(name) ? "day" : name;
}

void forget_old_broken(const fs::path& path) {
  std::vector<fs::path> broken;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path.parent_path(), ignored)) {
    const auto name = entry.path().filename().string();
    const auto at = name.rfind(kBroken);
    if (at == std::string::npos || name.ends_with("-wal") || name.ends_with("-shm")) continue;
    if (kind_of(name.substr(0, at)) == kind_of(path.filename().string()))
      broken.push_back(entry.path());
  }
  std::ranges::sort(broken, std::greater{});
  for (std::size_t i = limits::kHistoryBrokenKept; i < broken.size(); ++i)
    for (const auto* part : kParts) fs::remove(broken[i].string() + part, ignored);
}

Result<std::string> set_aside(const fs::path& path, WallNs now) {
  const auto aside = path.parent_path() /
                     fmt::format("{}{}{}", path.filename().string(), kBroken, now / kNsPerSecond);
  for (const auto* part : kParts) {
    const auto from = path.string() + part;
    if (::rename(from.c_str(), (aside.string() + part).c_str()) != 0 && errno != ENOENT)
      return fail_errno("setting aside " + from, errno);
  }
  forget_old_broken(path);
  return aside.string();
}

}  // namespace

bool is_damage(const Error& error) {
  return error.code == ErrorCode::kInvalidInput;
}

Result<std::string> set_damaged_aside(const fs::path& path, const Error& damage, WallNs now) {
  TOCSIN_TRY(const auto aside, set_aside(path, now));
  return fmt::format("{}: set aside as {}", damage.message, aside);
}

Result<OpenedFile> open_history_file(const HistoryPlace& place, const std::string& name,
                                     HistoryFile kind, WallNs now) {
  TOCSIN_TRY_VOID(ensure_folder(place));
  const auto path = place.folder / name;
  auto database = open_once(place, path, kind);
  if (database) return OpenedFile{std::move(*database), {}};
  if (!is_damage(database.error())) return std::unexpected(std::move(database).error());
  TOCSIN_TRY(auto remark, set_damaged_aside(path, database.error(), now));
  TOCSIN_TRY(auto fresh, open_once(place, path, kind));
  return OpenedFile{std::move(fresh), std::move(remark)};
}

Result<void> remove_history_file(const fs::path& path) {
  for (const auto* part : kParts) {
    const auto name = path.string() + part;
    if (::unlink(name.c_str()) != 0 && errno != ENOENT)
      return fail_errno("removing " + name, errno);
  }
  return {};
}

std::uint64_t history_file_bytes(const fs::path& path) {
  std::uint64_t bytes = 0;
  for (const auto* part : kParts) {
    std::error_code missing;
    const auto size = fs::file_size(path.string() + part, missing);
    if (!missing) bytes += size;
  }
  return bytes;
}

}  // namespace tocsin
