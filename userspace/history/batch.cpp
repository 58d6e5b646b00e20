// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/batch.hpp"

#include <algorithm>
#include <iterator>

#include "history/history_limits.hpp"

namespace tocsin {
namespace {

constexpr WallNs floor_div(WallNs a, WallNs b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

void merge_time(SeenRow& row, const Sighting& s) {
  const auto day = unix_day(s.time_ns);
  if (s.time_ns < row.first_ns) {
    row.first_ns = s.time_ns;
    row.first_who = s.who;
    row.first = s.process;
  }
  if (s.time_ns >= row.last_ns) {
    row.last_ns = s.time_ns;
    if (row.last_who != s.who) row.last_who = s.who;
    row.last = s.process;
  }
  // A day counts when it is later than all before: a clock that was set back counts none twice.
  if (day > row.last_day) {
    ++row.days;
    row.last_day = day;
  }
  row.first_day = std::min(row.first_day, day);
}

}  // namespace

std::int64_t unix_day(WallNs at) {
  return floor_div(at, kDayNs);
}

void encode(const SeenKey& key, std::string& out) {
  const auto value = key.value.substr(0, limits::kHistoryTextBytesMax);
  const auto subject = key.subject.substr(0, limits::kHistoryTextBytesMax);
  out.clear();
  out.push_back(static_cast<char>(key.kind));
  for (const auto bytes : {value.size(), subject.size()}) {
    out.push_back(static_cast<char>(bytes >> 8));
    out.push_back(static_cast<char>(bytes & 0xff));
  }
  out.append(value).append(subject).append(key.container.substr(0, limits::kHistoryTextBytesMax));
}

SeenKey decode(std::string_view encoded) {
  const auto length = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(encoded[at])) << 8 |
           static_cast<std::uint8_t>(encoded[at + 1]);
  };
  constexpr std::size_t kHeadBytes = 5;
  const auto value_bytes = length(1), subject_bytes = length(3);
  SeenKey key;
  key.kind = static_cast<SeenKind>(encoded[0]);
  key.value = encoded.substr(kHeadBytes, value_bytes);
  key.subject = encoded.substr(kHeadBytes + value_bytes, subject_bytes);
  key.container = encoded.substr(kHeadBytes + value_bytes + subject_bytes);
  return key;
}

void HistoryBatch::see(const Sighting& s) {
  encode({s.kind, s.value, s.subject, s.container}, key_);
  auto found = seen_.find(std::string_view(key_));
  if (found == seen_.end()) {
    if (seen_.size() >= limits_.seen_max) {
      ++dropped_.seen;
      return;
    }
    const auto day = unix_day(s.time_ns);
    found = seen_.emplace(key_, SeenRow{}).first;
    auto& row = found->second;
    row.first_ns = row.last_ns = s.time_ns;
    row.first_day = row.last_day = day;
    row.days = 1;
    row.first_who = row.last_who = s.who;
    row.first = row.last = s.process;
  } else {
    merge_time(found->second, s);
  }
  found->second.count += s.count;
  found->second.flags |= s.flags;
}

void HistoryBatch::add(SingleEvent event) {
  if (events_.size() >= limits_.events_max) {
    ++dropped_.events;
    return;
  }
  if (event.cookie != 0) attempts_[event.cookie] = events_.size();
  events_.push_back(std::move(event));
}

void HistoryBatch::add_outcome(SingleEvent outcome) {
  const auto attempt = attempts_.find(outcome.cookie);
  if (attempt == attempts_.end()) {
    outcome.cookie = 0;
    return add(std::move(outcome));
  }
  auto& event = events_[attempt->second];
  if (!outcome.result.empty()) event.result = std::move(outcome.result);
  if (outcome.bytes_out) event.bytes_out = outcome.bytes_out;
  if (outcome.bytes_in) event.bytes_in = outcome.bytes_in;
  if (outcome.duration_ns) event.duration_ns = outcome.duration_ns;
}

template <typename Note>
void HistoryBatch::keep(std::vector<Note>& notes, Note note) {
  noted_ = true;
  if (notes.size() >= limits_.notes_max) {
    ++dropped_.seen;
    return;
  }
  notes.push_back(std::move(note));
}

void HistoryBatch::count_minute(ByMinute& table, WallNs time_ns, std::string_view word,
                                std::uint64_t count) {
  noted_ = true;
  const std::pair<std::int64_t, std::string> key(floor_div(time_ns, kMinuteNs), word);
  const auto known = table.find(key);
  if (known != table.end()) {
    known->second += count;
  } else if (table.size() < limits_.notes_max) {
    table.emplace(key, count);
  } else {
    ++dropped_.seen;
  }
}

void HistoryBatch::add_content(ContentFacts content) {
  keep(contents_, std::move(content));
}

void HistoryBatch::add_lost(WallNs time_ns, std::string_view stage, std::uint64_t count) {
  count_minute(lost_, time_ns, stage, count);
}

void HistoryBatch::add_hashed(WallNs time_ns, std::string_view outcome) {
  count_minute(hashed_, time_ns, outcome, 1);
}

void HistoryBatch::add_blind(BlindPeriod period) {
  keep(blind_, std::move(period));
}

void HistoryBatch::add_reported(Reported reported) {
  keep(reported_, std::move(reported));
}

void HistoryBatch::keep_events(const std::vector<const SingleEvent*>& left) {
  std::deque<SingleEvent> kept;
  for (const auto* event : left) kept.push_back(*event);
  events_ = std::move(kept);
  attempts_.clear();
}

std::uint64_t HistoryBatch::put_before(HistoryBatch earlier) {
  auto all = std::move(earlier.events_);
  std::ranges::move(events_, std::back_inserter(all));
  const auto room = std::min(all.size(), limits_.events_max);
  const auto lost = all.size() - room;
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(room), all.end());
  events_ = std::move(all);
  attempts_.clear();
  return lost;
}

void HistoryBatch::forget_seen() {
  seen_.clear();
  contents_.clear();
  lost_.clear();
  hashed_.clear();
  blind_.clear();
  reported_.clear();
  noted_ = false;
}

}  // namespace tocsin
