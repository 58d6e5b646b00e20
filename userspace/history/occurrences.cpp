// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/occurrences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_map>

#include "history/history_limits.hpp"
#include "history/hunt.hpp"
#include "history/schema.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr std::int64_t kRowsAStep = 50'000;  // between two looks at the clock

// How the values of a result stand in a day's file.
std::vector<std::string> texts_of(const HuntResult& result) {
  std::vector<std::string> out;
  for (const auto& row : result.sightings) {
    if (row.kind == SeenKind::kName) {
      out.push_back(reversed_labels(row.value));
    } else if (const auto destination = destination_of(row.value);
               row.kind == SeenKind::kDestination && destination) {
      out.push_back(destination->address.to_string());
    } else {
      out.push_back(row.value);
    }
  }
  std::ranges::sort(out);
  const auto repeats = std::ranges::unique(out);
  out.erase(repeats.begin(), repeats.end());
  return out;
}

class DaySearch {
 public:
  DaySearch(std::vector<HuntResult*> wanted, Steady::time_point deadline)
      : wanted_(std::move(wanted)), deadline_(deadline) {}

  [[nodiscard]] bool over() const { return wanted_.empty() || Steady::now() >= deadline_; }

  Result<void> search(const fs::path& file) {
    TOCSIN_TRY(auto database, Database::open(file.string(), {}));
    TOCSIN_TRY_VOID(check_schema(database, HistoryFile::kDay));
    TOCSIN_TRY_VOID(find_ids(database));
    if (by_id_.empty()) return {};
    TOCSIN_TRY(auto last, database.integer("SELECT max(rowid) FROM event"));
    TOCSIN_TRY(
        auto rows,
        database.prepare("SELECT time_ns,kind,pid,start_ns,who,content,value,port,name FROM event "
                         "WHERE rowid>?1 AND rowid<=?2 ORDER BY rowid DESC"));
    for (; last > 0 && !over(); last -= kRowsAStep) {
      rows.bind(1, last - kRowsAStep).bind(2, last);
      for (;;) {
        TOCSIN_TRY(const bool there, rows.step());
        if (!there) break;
        TOCSIN_TRY_VOID(take(database, rows));
      }
      rows.reset();
      std::erase_if(wanted_, [](const HuntResult* r) {
        return r->occurrences.size() >= limits::kHuntOccurrencesMax;
      });
    }
    return {};
  }

 private:
  Result<void> find_ids(Database& database) {
    by_id_.clear();
    TOCSIN_TRY(auto id, database.prepare("SELECT id FROM text WHERE value=?1"));
    for (auto* result : wanted_) {
      for (const auto& text : texts_of(*result)) {
        id.bind_blob(1, text);
        TOCSIN_TRY(const bool there, id.step());
        if (there) by_id_.emplace(id.integer(0), result);
        id.reset();
      }
    }
    return {};
  }

  static constexpr int kContent = 5, kValue = 6, kName = 8;  // columns of the query

  Result<void> take(Database& database, const Statement& row) {
    auto found = by_id_.end();
    for (const int column : {kValue, kName, kContent})
      if (found == by_id_.end() && !row.is_null(column)) found = by_id_.find(row.integer(column));
    if (found == by_id_.end()) return {};
    auto& kept = found->second->occurrences;
    if (kept.size() >= limits::kHuntOccurrencesMax) return {};
    Occurrence out;
    out.time_ns = row.integer(0);
    out.process.pid = static_cast<std::uint32_t>(row.integer(2));
    out.process.start_ns = static_cast<BootNs>(row.integer(3));
    if (!row.is_null(7)) out.port = static_cast<std::uint16_t>(row.integer(7));
    TOCSIN_TRY(out.event, text(database, row.integer(1)));
    if (!row.is_null(4)) {
      TOCSIN_TRY(out.who, text(database, row.integer(4)));
    }
    if (!row.is_null(kValue)) {
      TOCSIN_TRY(out.value, text(database, row.integer(kValue)));
    }
    kept.push_back(std::move(out));
    return {};
  }

  static Result<std::string> text(Database& database, std::int64_t id) {
    TOCSIN_TRY(auto value, database.prepare("SELECT value FROM text WHERE id=?1"));
    value.bind(1, id);
    TOCSIN_TRY(const bool there, value.step());
    return std::string(there ? value.bytes(0) : std::string_view());
  }

  std::vector<HuntResult*> wanted_;
  Steady::time_point deadline_;
  std::unordered_map<std::int64_t, HuntResult*> by_id_;
};

}  // namespace

std::vector<std::pair<WallNs, fs::path>> day_files(const fs::path& folder) {
  std::vector<std::pair<WallNs, fs::path>> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (const auto day = day_of_file(entry.path().filename().string()))
      out.emplace_back(*day, entry.path());
  std::ranges::sort(out, std::greater{});
  return out;
}

Result<void> add_occurrences(const fs::path& folder, std::vector<HuntResult>& results) {
  std::vector<HuntResult*> wanted;
  for (auto& result : results)
    if (result.verdict == Verdict::kSeen && wanted.size() < limits::kHuntOccurringMax)
      wanted.push_back(&result);
  if (wanted.empty()) return {};
  const auto first = std::ranges::min(wanted, {}, &HuntResult::first_ns)->first_ns;
  const auto last = std::ranges::max(wanted, {}, &HuntResult::last_ns)->last_ns;
  DaySearch search(std::move(wanted),
                   Steady::now() + std::chrono::nanoseconds(limits::kHuntOccurrencesNs));
  for (const auto& [day, path] : day_files(folder)) {
    if (search.over()) return {};
    if (day > last) continue;
    if (day + 86'400 * kNsPerSecond < first) return {};
    // One file of a day that cannot be read costs its events only: the sightings are in seen.db.
    [[maybe_unused]] const auto searched = search.search(path);
  }
  return {};
}

}  // namespace tocsin
