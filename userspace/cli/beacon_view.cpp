// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/beacon_view.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "base/percent.hpp"
#include "cli/columns.hpp"
#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kIndent = 6;
constexpr std::size_t kNameBytesMax = 400;

std::string period_text(const json& beacon) {
  const auto period = number_at(beacon, "/period_s");
  if (!period || number_at(beacon, "/timing").value_or(0) <= 0) return "not regular";
  const double jitter = 100 * number_at(beacon, "/jitter").value_or(0);
  const double s = *period;
  const auto every = s < 120     ? fmt::format("{:.3g} s", s)
                     : s < 7'200 ? fmt::format("{:.3g} min", s / 60)
                                 : fmt::format("{:.3g} h", s / 3'600);
  return fmt::format("{} ±{:.0f} %", every, jitter);
}

Tone verdict_tone(std::string_view verdict) {
  if (verdict == "critical" || verdict == "alert") return Tone::kBad;
  return verdict == "notice" ? Tone::kWarn : Tone::kDim;
}

void add_wrapped(std::string_view text, std::vector<std::string>& lines) {
  if (text.empty()) return;
  for (auto& line : wrapped(text, kColumns - kIndent))
    lines.push_back(std::string(kIndent, ' ').append(line));
}

std::string who_calls_whom(const json& beacon) {
  auto program = text_at(beacon, "/subject/path", kNameBytesMax);
  if (program.empty()) program = "(unknown program)";
  auto destination = text_at(beacon, "/destination", kNameBytesMax);
  if (destination == "*rare*") {
    destination = "changing destinations of its own";
  } else if (text_at(beacon, "/kind") == "dns") {
    destination = "DNS names below " + destination;
  } else if (const auto port = count_at(beacon, "/port"); port != 0) {
    destination += fmt::format(":{}", port);
  }
  auto text = fmt::format("{} → {}", program, destination);
  if (const auto container = text_at(beacon, "/container", 12); !container.empty())
    text += fmt::format(" (container {})", container);
  return text;
}

// Its time on the day of the first, else month, day, hour and minute: the column stays narrow.
std::string last_contact(const std::string& first, const json& beacon) {
  constexpr std::size_t kYear = 5, kDate = 10, kMonthToMinute = 11;
  const auto last = date_time(number_at(beacon, "/last").value_or(0));
  if (last.size() != kDate + std::string_view(" HH:MM:SS").size()) return last;  // no time at all
  return first.starts_with(last.substr(0, kDate)) ? last.substr(kDate + 1)
                                                  : last.substr(kYear, kMonthToMinute);
}

}  // namespace

std::string beacon_heading() {
  return "SCORE LIKELY VERDICT  EVERY            TIMES  SINCE                LAST";
}

std::vector<std::string> beacon_lines(const json& beacon, const Output& out) {
  const auto verdict = text_at(beacon, "/verdict", 16);
  const auto first = date_time(number_at(beacon, "/first").value_or(0));
  auto figures = fmt::format(
      "{:5.2f} {:>6} {} {} {:5}  {}  {}", number_at(beacon, "/score").value_or(0),
      whole_percent(number_at(beacon, "/probability").value_or(0)),
      out.paint(verdict_tone(verdict), padded(verdict, 8)), padded(period_text(beacon), 16),
      count_at(beacon, "/contacts"), first, last_contact(first, beacon));
  std::vector<std::string> lines{std::move(figures)};
  add_wrapped(who_calls_whom(beacon), lines);
  add_wrapped(joined_at(beacon, "/because", "; ", 2'000), lines);
  return lines;
}

}  // namespace tocsin::cli
