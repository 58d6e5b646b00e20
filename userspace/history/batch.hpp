// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "history/history_limits.hpp"
#include "history/record.hpp"

namespace tocsin {

// What is written to seen.db of one key. The key is value, subject and container in one string.
struct SeenRow {
  WallNs first_ns = 0, last_ns = 0;
  std::int64_t first_day = 0, last_day = 0;  // Unix days
  std::uint64_t count = 0, days = 0;
  std::uint32_t flags = 0;
  Who first_who, last_who;
  ProcessId first, last;
};

struct SeenKey {
  SeenKind kind = SeenKind::kProgram;
  std::string_view value, subject, container;
};

// A key as one string, for a table in memory; parts longer than limits::kHistoryTextBytesMax are
// cut.
void encode(const SeenKey& key, std::string& out);
SeenKey decode(std::string_view encoded);

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

std::int64_t unix_day(WallNs at);

struct HistoryBatchLimits {
  std::size_t events_max = limits::kHistoryEventsPendingMax;
  std::size_t seen_max = limits::kHistorySeenPendingMax;
  std::size_t notes_max = limits::kHistoryNotesPendingMax;
};

// What waits for the next transaction: sightings merged by key, single events in their order. Each
// part is bounded; what does not fit is counted here.
class HistoryBatch {
 public:
  struct Dropped {
    std::uint64_t events = 0;
    std::uint64_t seen = 0;  // sightings, contents and notes
  };

  explicit HistoryBatch(HistoryBatchLimits limits = {}) : limits_(limits) {}

  void see(const Sighting& sighting);
  void add(SingleEvent event);
  // What became of a connection joins the row of its attempt when that is still here, else it is a
  // row of its own.
  void add_outcome(SingleEvent outcome);
  void add_content(ContentFacts content);
  void add_lost(WallNs time_ns, std::string_view stage, std::uint64_t count);
  void add_hashed(WallNs time_ns, std::string_view outcome);
  void add_blind(BlindPeriod period);
  void add_reported(Reported reported);

  using ByMinute = std::map<std::pair<std::int64_t, std::string>, std::uint64_t, std::less<>>;
  [[nodiscard]] const TextMap<SeenRow>& seen() const { return seen_; }
  [[nodiscard]] const std::deque<SingleEvent>& events() const { return events_; }
  [[nodiscard]] const std::vector<ContentFacts>& contents() const { return contents_; }
  [[nodiscard]] const ByMinute& lost() const { return lost_; }
  [[nodiscard]] const ByMinute& hashed() const { return hashed_; }
  [[nodiscard]] const std::vector<BlindPeriod>& blind() const { return blind_; }
  [[nodiscard]] const std::vector<Reported>& reported() const { return reported_; }
  [[nodiscard]] const Dropped& dropped() const { return dropped_; }
  [[nodiscard]] bool empty() const { return seen_.empty() && events_.empty() && !noted_; }

  // The parts are written one after the other; what stands in its file must not go there twice.
  void forget_seen();
  [[nodiscard]] bool only_events() const { return seen_.empty() && !noted_; }
  // Events of an earlier batch; of both together what is too much goes at the end. Answers how many
  // that were.
  std::uint64_t put_before(HistoryBatch earlier);
  void keep_events(const std::vector<const SingleEvent*>& left);  // of these, and their order
  void forget_events() { keep_events({}); }

 private:
  void count_minute(ByMinute& table, WallNs time_ns, std::string_view word, std::uint64_t count);
  template <typename Note>
  void keep(std::vector<Note>& notes, Note note);

  HistoryBatchLimits limits_;
  TextMap<SeenRow> seen_;
  std::deque<SingleEvent> events_;
  std::unordered_map<std::uint64_t, std::size_t> attempts_;  // socket cookie → events_
  std::vector<ContentFacts> contents_;
  ByMinute lost_, hashed_;
  std::vector<BlindPeriod> blind_;
  std::vector<Reported> reported_;
  Dropped dropped_;
  bool noted_ = false;
  std::string key_;  // scratch
};

}  // namespace tocsin
