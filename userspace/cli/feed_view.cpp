// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/feed_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/columns.hpp"
#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kNameColumns = 20, kStateColumns = 9, kIndentColumns = 6;

const json& feeds_of(const json& answer) {
  static const json kNone = json::array();
  const auto* feeds = find_at(answer, "/feeds");
  return feeds != nullptr && feeds->is_array() ? *feeds : kNone;
}

// The relay tells a fault of its file as an entry among the feeds.
bool is_fault(const json& feed) {
  return text_at(feed, "/state") == "fault";
}

bool is_meant(const json& feed, const std::string& name) {
  return name.empty() || text_at(feed, "/name") == name;
}

// Padded before it is painted: what paints has no width.
std::string state_text(const json& feed, const Output& out) {
  const auto state = text_at(feed, "/state");
  const auto tone = state == "ok"                           ? Tone::kGood
                    : state == "held" || state == "pending" ? Tone::kWarn
                                                            : Tone::kBad;
  return out.paint(tone, padded(state, kStateColumns));
}

}  // namespace

std::vector<std::string> feed_lines(const json& answer, const std::string& name,
                                    const Output& out) {
  std::size_t widest = kNameColumns;
  for (const auto& feed : feeds_of(answer))
    if (is_meant(feed, name)) widest = std::max(widest, columns_of(text_at(feed, "/name", 64)));
  std::vector<std::string> lines;
  for (const auto& feed : feeds_of(answer)) {
    if (!is_fault(feed) && !is_meant(feed, name)) continue;
    auto line =
        fmt::format("{} {}", padded(text_at(feed, "/name", 64), widest), state_text(feed, out));
    const auto tried = number_at(feed, "/last_try");
    if (!is_fault(feed))
      line += fmt::format(" {:>9}  {}", text_at(feed, "/indicators"),
                          tried ? date_time(*tried) : std::string("never fetched"));
    lines.push_back(std::move(line));
    if (const auto message = text_at(feed, "/message", 400); !message.empty())
      for (const auto& part : wrapped(message, kColumns - kIndentColumns))
        lines.push_back(std::string(kIndentColumns, ' ') + part);
  }
  return lines;
}

UpdateState update_state(const json& answer, const std::string& name, double begun) {
  bool known = name.empty();
  for (const auto& feed : feeds_of(answer)) {
    if (is_fault(feed) || !is_meant(feed, name)) continue;
    known = true;
    if (number_at(feed, "/last_try").value_or(0) < begun) return UpdateState::kRunning;
  }
  return known ? UpdateState::kFinished : UpdateState::kNoSuchFeed;
}

bool feeds_in_order(const json& answer, const std::string& name) {
  return std::ranges::all_of(feeds_of(answer), [&](const json& feed) {
    return text_at(feed, "/state") == "ok" || !(is_fault(feed) || is_meant(feed, name));
  });
}

}  // namespace tocsin::cli
