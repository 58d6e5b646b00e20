// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/time_argument.hpp"

#include <fmt/format.h>
#include <time.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.hpp"

namespace tocsin::cli {
namespace {

constexpr std::int64_t kSecondsMax = 9'000'000'000;  // as nanoseconds it still fits
constexpr int kYearMax = 2254;                       // ends before that

std::unexpected<Error> not_a_time(std::string_view text) {
  return fail(ErrorCode::kInvalidInput,
              fmt::format("\"{}\" is not a time; try 10m, 2h, 3d, today, this-week, boot, "
                          "2026-11-25T10:00 or @1764064800",
                          printable(text, 60)));
}

// Takes exactly digits digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// ".25" in nanoseconds; at most nine digits count.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t ns = 0, unit = kNsPerSecond / 10;
  std::size_t digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
    ns += (text[0] - '0') * unit;
    unit /= 10;
  }
  return digits > 0 ? std::optional(ns) : std::nullopt;
}

std::optional<std::int64_t> seconds_of_unit(std::string_view unit) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> kUnits = {
      {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}, {"w", 604'800}}};
  for (const auto& [name, seconds] : kUnits)
    if (name == unit) return seconds;
  return std::nullopt;
}

constexpr std::int64_t kRecentS = 600;  // ausearch's "recent"

// Midnight, local time, of the day that back makes of today.
std::optional<WallNs> start_of_day(WallNs now, void (*back)(tm&)) {
  const auto seconds = static_cast<time_t>(now / kNsPerSecond);
  tm day{};
  if (localtime_r(&seconds, &day) == nullptr) return std::nullopt;
  day.tm_hour = day.tm_min = day.tm_sec = 0;
  back(day);
  day.tm_isdst = -1;
  return WallNs{mktime(&day)} * kNsPerSecond;
}

std::optional<WallNs> boot_time(WallNs now) {
  timespec up{};
  if (clock_gettime(CLOCK_BOOTTIME, &up) != 0) return std::nullopt;
  return now - (WallNs{up.tv_sec} * kNsPerSecond + up.tv_nsec);
}

// The words of ausearch(8); nullopt: not one of them.
std::optional<WallNs> named_time(std::string_view text, WallNs now) {
  if (text == "now") return now;
  if (text == "recent") return now - kRecentS * kNsPerSecond;
  if (text == "boot") return boot_time(now);
  static constexpr std::pair<std::string_view, void (*)(tm&)> kDays[] = {
      {"today", [](tm&) {}},
      {"yesterday", [](tm& day) { --day.tm_mday; }},
      {"this-week", [](tm& day) { day.tm_mday -= day.tm_wday; }},  // Sunday, as there
      {"this-month", [](tm& day) { day.tm_mday = 1; }},
      {"this-year",
       [](tm& day) {
         day.tm_mon = 0;
         day.tm_mday = 1;
       }},
  };
  for (const auto& [word, back] : kDays)
    if (word == text) return start_of_day(now, back);
  return std::nullopt;
}

// Z or ±hh:mm in seconds east of UTC.
std::optional<int> take_zone(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const int sign = text.starts_with('-') ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_number(text, 2);
  take(text, ':');
  const auto minutes = take_number(text, 2);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

bool is_real_date(const tm& t) {
  const bool leap = (t.tm_year % 4 == 0 && t.tm_year % 100 != 0) || (t.tm_year + 1900) % 400 == 0;
  const std::array<int, 12> days = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return t.tm_mon >= 0 && t.tm_mon < 12 && t.tm_mday >= 1 &&
         t.tm_mday <= days[static_cast<std::size_t>(t.tm_mon)] && t.tm_hour <= 23 &&
         t.tm_min <= 59 && t.tm_sec <= 60;
}

// yyyy-mm-dd[(T| )hh:mm[:ss[.fff]]][zone]
std::optional<WallNs> parse_date(std::string_view text) {
  tm t{};
  std::int64_t fraction = 0;
  const auto year = take_number(text, 4);
  if (!year || *year < 1970 || *year > kYearMax || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  t.tm_year = *year - 1900;
  t.tm_mon = *month - 1;
  t.tm_mday = *day;
  if (take(text, 'T') || take(text, ' ')) {
    const auto hour = take_number(text, 2);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute) return std::nullopt;
    t.tm_hour = *hour;
    t.tm_min = *minute;
    if (take(text, ':')) {
      const auto second = take_number(text, 2);
      const auto ns = take_fraction(text);
      if (!second || !ns) return std::nullopt;
      t.tm_sec = *second;
      fraction = *ns;
    }
  }
  if (!is_real_date(t)) return std::nullopt;
  if (text.empty()) {
    t.tm_isdst = -1;
    return WallNs{mktime(&t)} * kNsPerSecond + fraction;
  }
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return WallNs{timegm(&t) - *zone} * kNsPerSecond + fraction;
}

}  // namespace

Result<std::int64_t> parse_duration_ns(std::string_view text) {
  const auto wrong = fail(
      ErrorCode::kInvalidInput,
      fmt::format("\"{}\" is not a duration; try 90s, 10m, 2h, 3d or 1w", printable(text, 60)));
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || number < 0) return wrong;
  const auto unit = seconds_of_unit(text.substr(static_cast<std::size_t>(end - text.data())));
  if (!unit || number > kSecondsMax / *unit) return wrong;
  return number * *unit * kNsPerSecond;
}

Result<WallNs> parse_time(std::string_view text, WallNs now) {
  if (const auto named = named_time(text, now)) return *named;
  if (text.starts_with('@')) {
    auto rest = text.substr(1);
    std::int64_t seconds = 0;
    const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), seconds);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto fraction = take_fraction(rest);
    if (ec != std::errc{} || seconds < 0 || seconds > kSecondsMax || !fraction || !rest.empty())
      return not_a_time(text);
    return seconds * kNsPerSecond + *fraction;
  }
  if (const auto date = parse_date(text)) return *date;
  // A bare number could be seconds, a year or Unix time: better to ask.
  if (text.empty() || (text.back() >= '0' && text.back() <= '9')) return not_a_time(text);
  const auto ago = parse_duration_ns(text);
  if (!ago || *ago > now) return not_a_time(text);
  return now - *ago;
}

}  // namespace tocsin::cli
