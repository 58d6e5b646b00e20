// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/first_seen.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "history/history_limits.hpp"
#include "history/hunt_value.hpp"

namespace tocsin {
namespace {

// Rows of one value follow each other: it is new when none of them is older.
class Values {
 public:
  Values(WallNs since_ns, FirstSeen& found) : since_ns_(since_ns), found_(found) {}

  void row(const SightingRow& row) {
    if (row.kind != kind_ || row.value != value_) {
      end();
      kind_ = row.kind;
      flags_ = row.flags;
      value_ = row.value;
      first_ns_ = row.first_ns;
      known_before_ = false;
    }
    first_ns_ = std::min(first_ns_, row.first_ns);
    known_before_ |= (row.flags & static_cast<std::uint32_t>(SeenFlag::kRunningBefore)) != 0;
  }

  void end() {
    if (value_.empty() || known_before_ || first_ns_ < since_ns_) return;
    if (found_.seen.size() < limits::kFirstSeenMax)
      found_.seen.push_back(
          {.kind = kind_, .value = value_, .path = {}, .flags = flags_, .first_ns = first_ns_});
    else
      ++found_.more;
  }

 private:
  WallNs since_ns_;
  FirstSeen& found_;
  SeenKind kind_ = SeenKind::kProgram;
  std::string value_;
  std::uint32_t flags_ = 0;
  WallNs first_ns_ = 0;
  bool known_before_ = false;
};

}  // namespace

Result<FirstSeen> first_seen(HistoryReader& reader, WallNs since_ns, std::stop_token stop) {
  FirstSeen found;
  Values values(since_ns, found);
  HistoryReader::Position position;
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(limits::kHuntNs);
  for (;;) {
    if (stop.stop_requested() || std::chrono::steady_clock::now() > until) {
      found.cut = true;
      break;
    }
    TOCSIN_TRY(const bool more,
               reader.slice(position, limits::kRetroSliceRows, [&](const SightingRow& row) {
                 values.row(row);
                 return true;
               }));
    if (!more) break;
  }
  if (!found.cut) values.end();
  for (auto& one : found.seen) {
    const bool content = one.kind == SeenKind::kProgram || one.kind == SeenKind::kScript ||
                         one.kind == SeenKind::kModule;
    if (content) {
      TOCSIN_TRY(const auto known, reader.content(one.value));
      if (known) one.path = known->path;
    }
    one.value = shown_value(one.kind, one.value, one.flags);
  }
  return found;
}

nlohmann::json to_json(const FirstSeen& found) {
  nlohmann::json seen = nlohmann::json::array();
  for (const auto& one : found.seen) {
    nlohmann::json entry = {{"kind", std::string(to_string(one.kind))},
                            {"value", one.value},
                            {"first", static_cast<double>(one.first_ns) / 1e9}};
    if (!one.path.empty()) entry["path"] = one.path;
    seen.push_back(std::move(entry));
  }
  nlohmann::json out = {{"seen", std::move(seen)}, {"more", found.more}};
  if (found.cut) out["cut"] = true;
  return out;
}

}  // namespace tocsin
