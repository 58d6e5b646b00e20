// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/database.hpp"
#include "history/schema.hpp"

namespace tocsin {

// Where the history is and who may read it.
struct HistoryPlace {
  std::filesystem::path folder;
  std::optional<gid_t> group;  // of folder and files; nullopt: the process's own
};

struct OpenedFile {
  Database database;
  std::string remark;  // non-empty: a damaged file was set aside, and as what
};

// Opens for writing, making folder (0750), file (0640) and tables as needed. A damaged file is
// renamed to NAME.broken-TIME and begun anew; of those kHistoryBrokenKept stay.
Result<OpenedFile> open_history_file(const HistoryPlace& place, const std::string& name,
                                     HistoryFile kind, WallNs now);

// Whether an error says that the file itself is damaged.
bool is_damage(const Error& error);
// A bad page shows late, in the middle of a file that opened well. Renames that file as above; it
// must be closed. Answers the remark.
Result<std::string> set_damaged_aside(const std::filesystem::path& path, const Error& damage,
                                      WallNs now);

// The file and what SQLite keeps beside it. Missing files are no error.
Result<void> remove_history_file(const std::filesystem::path& path);
std::uint64_t history_file_bytes(const std::filesystem::path& path);

}  // namespace tocsin
