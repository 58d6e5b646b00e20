// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/json_view.hpp"

#include <fmt/format.h>
#include <time.h>

#include <array>
#include <cmath>
#include <cstdlib>

#include "base/text.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

// Beyond the year 9999 a time is a mistake, and localtime_r may refuse it.
std::optional<tm> local_time(double unix_seconds) {
  if (!(unix_seconds > -1e9 && unix_seconds < 2.5e11)) return std::nullopt;
  const auto seconds = static_cast<time_t>(std::floor(unix_seconds));
  tm local{};
  return localtime_r(&seconds, &local) != nullptr ? std::optional(local) : std::nullopt;
}

std::string text_of(const json& value, std::size_t max_bytes) {
  if (value.is_string()) return printable(value.get_ref<const std::string&>(), max_bytes);
  if (value.is_null()) return {};
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace), max_bytes);
}

}  // namespace

const json* find_at(const json& object, const char* path) {
  const json::json_pointer pointer(path);
  return object.contains(pointer) ? &object.at(pointer) : nullptr;
}

std::string text_at(const json& object, const char* path, std::size_t max_bytes) {
  const json* value = find_at(object, path);
  return value != nullptr ? text_of(*value, max_bytes) : std::string();
}

std::optional<double> number_at(const json& object, const char* path) {
  const json* value = find_at(object, path);
  return value != nullptr && value->is_number() ? std::optional(value->get<double>())
                                                : std::nullopt;
}

std::uint64_t count_at(const json& object, const char* path) {
  const json* value = find_at(object, path);
  if (value == nullptr || !value->is_number_integer()) return 0;
  return value->is_number_unsigned() || value->get<std::int64_t>() > 0 ? value->get<std::uint64_t>()
                                                                       : 0;
}

bool flag_at(const json& object, const char* path) {
  const json* value = find_at(object, path);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::string joined_at(const json& object, const char* path, std::string_view separator,
                      std::size_t max_bytes) {
  const json* value = find_at(object, path);
  std::string joined;
  if (value == nullptr || !value->is_array()) return joined;
  for (const auto& element : *value) {
    if (!joined.empty()) joined += separator;
    joined += text_of(element, max_bytes);
    if (joined.size() > max_bytes) return joined.substr(0, max_bytes) + "…";
  }
  return joined;
}

std::string clock_time(double unix_seconds) {
  const auto local = local_time(unix_seconds);
  if (!local) return "??:??:??.???";
  const auto milliseconds = static_cast<int>((unix_seconds - std::floor(unix_seconds)) * 1000);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", local->tm_hour, local->tm_min, local->tm_sec,
                     milliseconds);
}

std::string date_time(double unix_seconds) {
  const auto local = local_time(unix_seconds);
  if (!local) return "an unreadable time";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", local->tm_year + 1900,
                     local->tm_mon + 1, local->tm_mday, local->tm_hour, local->tm_min,
                     local->tm_sec);
}

std::string utc_offset(double unix_seconds) {
  const auto local = local_time(unix_seconds);
  const long minutes = local ? local->tm_gmtoff / 60 : 0;
  return fmt::format("UTC{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                     std::abs(minutes) % 60);
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0 && seconds < 1e15)) return "?";
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto minutes = static_cast<std::uint64_t>(seconds / 60);
  if (minutes < 60) return fmt::format("{} min", minutes);
  if (minutes < 24 * 60) return fmt::format("{} h {} min", minutes / 60, minutes % 60);
  return fmt::format("{} d {} h", minutes / (24 * 60), minutes / 60 % 24);
}

std::string bytes_text(double bytes) {
  static constexpr std::array kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, kUnits[unit]);
}

}  // namespace tocsin::cli
