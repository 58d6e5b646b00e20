// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/database.hpp"

// The files of docs/history.md: their names, tables and versions.
namespace tocsin {

inline constexpr std::string_view kHistoryFolder = "history";  // below state_dir
inline constexpr std::string_view kSeenFile = "seen.db";
inline constexpr std::string_view kAlertsFile = "alerts.db";

enum class HistoryFile : std::uint8_t { kSeen, kDay, kAlerts };

// "day-2026-11-25.db", by UTC.
std::string day_file_name(WallNs at);
// Its first moment; nullopt when the name is not such a file's.
std::optional<WallNs> day_of_file(std::string_view name);

// Creates the tables, or brings those of an older version up to date, in one transaction. A newer
// version or a file that is something else is refused and left as it is.
Result<void> prepare_schema(Database& database, HistoryFile file);
// The same without changing anything: an older version is refused, too.
Result<void> check_schema(Database& database, HistoryFile file);

}  // namespace tocsin
