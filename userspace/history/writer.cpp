// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/writer.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "history/schema.hpp"

namespace tocsin {
namespace {

constexpr BootNs kSweepEveryNs = 3'600ULL * kNsPerSecond;
// Room is looked after more often than age: a storm fills a day's file within minutes.
constexpr BootNs kRoomEveryNs = 10ULL * kNsPerSecond;

}  // namespace

HistoryWriter::HistoryWriter(HistoryOptions options, std::shared_ptr<const Clock> clock)
    : options_(std::move(options)), clock_(std::move(clock)), steady_(*clock_) {}

Result<void> HistoryWriter::write(HistoryBatch& batch) {
  TOCSIN_TRY_VOID(write_seen(batch));
  batch.forget_seen();
  TOCSIN_TRY_VOID(write_events(batch));
  batch.forget_events();
  return {};
}

void HistoryWriter::note_aside(const std::string& name, std::string remark) {
  facts_.remarks.push_back(std::move(remark));
  if (name != kSeenFile) return;
  run_id_ = 0;  // the new file does not know this run
  begun_anew_ns_ = clock_->wall_ns();
  ++facts_.begun_anew;
}

template <typename File, typename Work>
Result<void> HistoryWriter::checked(std::optional<File>& file, const std::string& name,
                                    Work&& work) {
  auto done = work();
  if (done || !is_damage(done.error())) return done;
  file.reset();
  TOCSIN_TRY(auto remark,
             set_damaged_aside(options_.place.folder / name, done.error(), clock_->wall_ns()));
  note_aside(name, std::move(remark));
  return done;
}

template <typename File, typename Work>
Result<void> HistoryWriter::checked_twice(std::optional<File>& file, const std::string& name,
                                          Work&& work) {
  auto done = checked(file, name, work);
  if (done || !is_damage(done.error())) return done;
  return checked(file, name, work);
}

// ---- Sightings
// -------------------------------------------------------------------------------------

Result<void> HistoryWriter::ensure_seen() {
  if (seen_) return {};
  TOCSIN_TRY(auto opened, open_history_file(options_.place, std::string(kSeenFile),
                                            HistoryFile::kSeen, clock_->wall_ns()));
  if (!opened.remark.empty()) note_aside(std::string(kSeenFile), std::move(opened.remark));
  TOCSIN_TRY(seen_, SeenFile::open(std::move(opened.database),
                                   {.run = options_.run,
                                    .days = options_.seen_days,
                                    .rows_max = options_.seen_rows_max,
                                    .begun_anew_ns = begun_anew_ns_},
                                   run_id_));
  run_id_ = seen_->run_id();
  begun_anew_ns_ = 0;
  return {};
}

Result<void> HistoryWriter::write_seen(const HistoryBatch& batch) {
  return checked_twice(seen_, std::string(kSeenFile), [&]() -> Result<void> {
    TOCSIN_TRY_VOID(ensure_seen());
    return seen_->write(batch, clock_->wall_ns());
  });
}

Result<void> HistoryWriter::end_run() {
  return checked_twice(seen_, std::string(kSeenFile), [&]() -> Result<void> {
    TOCSIN_TRY_VOID(ensure_seen());
    return seen_->end_run(clock_->wall_ns());
  });
}

// ---- Single events
// ---------------------------------------------------------------------------------

Result<void> HistoryWriter::ensure_day(std::int64_t day) {
  if (day_ && day_->day() == day) return {};
  day_.reset();  // closing it empties its log into the file
  TOCSIN_TRY(auto opened, open_history_file(options_.place, day_file_name(day * kDayNs),
                                            HistoryFile::kDay, clock_->wall_ns()));
  if (!opened.remark.empty()) facts_.remarks.push_back(std::move(opened.remark));
  TOCSIN_TRY(day_, DayFile::open(std::move(opened.database), day));
  return {};
}

Result<void> HistoryWriter::write_day(std::int64_t day,
                                      std::span<const SingleEvent* const> events) {
  return checked_twice(day_, day_file_name(day * kDayNs), [&]() -> Result<void> {
    TOCSIN_TRY_VOID(ensure_day(day));
    return day_->append(events);
  });
}

Result<void> HistoryWriter::write_events(HistoryBatch& batch) {
  if (batch.events().empty()) return {};
  if (day_full_) {
    facts_.events_refused += batch.events().size();
    return {};
  }
  // Around midnight a batch holds events of two days, and those that waited come late.
  std::vector<const SingleEvent*> order;
  order.reserve(batch.events().size());
  for (const auto& event : batch.events()) order.push_back(&event);
  const auto day_of = [](const SingleEvent* event) { return unix_day(event->time_ns); };
  std::ranges::stable_sort(order, {}, day_of);
  std::size_t written = 0;
  while (written < order.size()) {
    const auto day = day_of(order[written]);
    const auto end = std::ranges::upper_bound(order, day, {}, day_of);
    const std::span part(order.begin() + static_cast<std::ptrdiff_t>(written), end);
    if (auto done = write_day(day, part); !done) {
      batch.keep_events({order.begin() + static_cast<std::ptrdiff_t>(written), order.end()});
      return done;
    }
    written += part.size();
    facts_.events_written += part.size();
  }
  return {};
}

// ---- Bounds
// ------------------------------------------------------------------------------------------

Result<void> HistoryWriter::maintain() {
  const auto now = clock_->boot_ns();
  const bool steady = steady_.steady();
  if (now >= next_room_) {
    next_room_ = now + kRoomEveryNs;
    TOCSIN_TRY_VOID(retain_days(steady));
  }
  if (!seen_) return {};
  return checked(seen_, std::string(kSeenFile), [&] { return sweep_seen(steady); });
}

Result<void> HistoryWriter::sweep_seen(bool steady) {
  const auto now = clock_->boot_ns();
  const bool crowded = seen_->rows() > static_cast<std::int64_t>(options_.seen_rows_max);
  if (!crowded && (!steady || now < next_sweep_)) return {};
  TOCSIN_TRY(const bool more, seen_->retain(clock_->wall_ns(), steady));
  facts_.contents_dropped += seen_->take_contents_dropped();
  if (!more) next_sweep_ = now + kSweepEveryNs;
  return {};
}

Result<void> HistoryWriter::retain_days(bool by_age) {
  TOCSIN_TRY(const auto kept,
             retain_day_files(options_.place.folder, {.today = unix_day(clock_->wall_ns()),
                                                      .by_age = by_age,
                                                      .days = options_.days,
                                                      .max_bytes = options_.max_bytes}));
  facts_.day_files = kept.size();
  facts_.day_bytes = 0;
  for (const auto& file : kept) facts_.day_bytes += file.bytes;
  facts_.oldest_day = kept.empty() ? 0 : kept.front().day;
  day_full_ = facts_.day_bytes > options_.max_bytes;
  // What was unlinked must not be written to any more.
  if (day_ && std::ranges::find(kept, day_->day(), &DayFileFacts::day) == kept.end()) day_.reset();
  return {};
}

HistoryWriter::Facts HistoryWriter::take_facts() {
  auto out = facts_;
  out.seen_rows = seen_ ? seen_->rows() : 0;
  out.seen_bytes = history_file_bytes(options_.place.folder / kSeenFile);
  facts_.remarks.clear();
  return out;
}

}  // namespace tocsin
