// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/session_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kItemsShown = 8;

// The most often seen come first; the rest is a number.
std::string items_line(const json& session, const char* name, const char* what) {
  const json* items = find_at(session, fmt::format("/{}", name).c_str());
  if (items == nullptr || !items->is_array() || items->empty()) return {};
  std::vector<const json*> sorted;
  for (const auto& item : *items) sorted.push_back(&item);
  std::ranges::stable_sort(sorted, [](const json* a, const json* b) {
    return count_at(*a, "/count") > count_at(*b, "/count");
  });
  std::string out;
  for (std::size_t i = 0; i < sorted.size() && i < kItemsShown; ++i) {
    out += fmt::format("{}{}", i == 0 ? "" : ", ", text_at(*sorted[i], what, 128));
    if (const auto count = count_at(*sorted[i], "/count"); count > 1)
      out += fmt::format(" ({}x)", count);
  }
  if (sorted.size() > kItemsShown) out += fmt::format(", {} more", sorted.size() - kItemsShown);
  if (const auto others = count_at(session, fmt::format("/other_{}", name).c_str()); others > 0)
    out += fmt::format(", and {} times others", others);
  return out;
}

}  // namespace

std::string session_origin(const json& session) {
  std::string out = text_at(session, "/user", 64);
  if (out.empty()) out = "unknown user";
  if (const auto from = text_at(session, "/from/addr"); !from.empty())
    out += fmt::format(" from {} port {}", from, text_at(session, "/from/port"));
  if (const auto entry = text_at(session, "/entry", 32); !entry.empty())
    out += fmt::format(" by {}({})", entry, text_at(session, "/entry_pid"));
  if (const auto tty = text_at(session, "/tty", 32); !tty.empty())
    out += fmt::format(" on {}", tty);
  if (const auto container = text_at(session, "/container", 12); !container.empty())
    out += fmt::format(" in container {}", container);
  return out;
}

std::vector<std::string> session_lines(const json& session, const Output& out) {
  const auto since = number_at(session, "/since"), ended = number_at(session, "/ended");
  std::string head = fmt::format("{}  {}", since ? date_time(*since) : "unknown time       ",
                                 session_origin(session));
  if (const auto id = text_at(session, "/id"); !id.empty())
    head += out.paint(Tone::kDim, fmt::format("  session {}", id));
  if (ended) head += out.paint(Tone::kDim, fmt::format("  ended {}", date_time(*ended)));
  std::vector<std::string> lines = {head};
  if (const auto started = items_line(session, "programs", "/path"); !started.empty())
    lines.push_back(fmt::format("    started    {}", started));
  if (const auto contacted = items_line(session, "contacts", "/destination"); !contacted.empty())
    lines.push_back(fmt::format("    contacted  {}", contacted));
  return lines;
}

}  // namespace tocsin::cli
