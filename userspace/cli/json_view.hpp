// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

// Reading of JSON that came from the daemon, for people: nothing here throws, and every text is
// made safe for a terminal, because file names and arguments in it are anybody's.
namespace tocsin::cli {

// Null when there is none. path is a JSON pointer such as "/process/pid".
const nlohmann::json* find_at(const nlohmann::json& object, const char* path);

// Text as it is, numbers and truth values as text; empty when there is none.
std::string text_at(const nlohmann::json& object, const char* path, std::size_t max_bytes = 4096);
std::optional<double> number_at(const nlohmann::json& object, const char* path);
std::uint64_t count_at(const nlohmann::json& object, const char* path);  // 0 when there is none
bool flag_at(const nlohmann::json& object, const char* path);
// Elements in one line.
std::string joined_at(const nlohmann::json& object, const char* path, std::string_view separator,
                      std::size_t max_bytes = 400);

// Unix seconds as local time: "12:00:01.123", and "2026-11-25 12:00:01".
std::string clock_time(double unix_seconds);
std::string date_time(double unix_seconds);
// How far that local time is ahead of UTC: "UTC+01:00".
std::string utc_offset(double unix_seconds);
// "3 d 4 h", "12 min", "8.5 s".
std::string duration_text(double seconds);
// "12.3 MiB".
std::string bytes_text(double bytes);

}  // namespace tocsin::cli
