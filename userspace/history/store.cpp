// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/store.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <optional>

#include "history/history_limits.hpp"

namespace tocsin {
namespace {

constexpr std::chrono::milliseconds kPeriod{1000};
// Coverage moves on with every write; without any, so often.
constexpr BootNs kAliveEveryNs = 10ULL * kNsPerSecond;
constexpr BootNs kStuckNs = 5ULL * kNsPerSecond;

}  // namespace

std::string_view to_string(HistoryState state) {
  switch (state) {
    case HistoryState::kStarting:
      return "starting";
    case HistoryState::kOk:
      return "ok";
    case HistoryState::kFailing:
      return "failing";
    case HistoryState::kStuck:
      return "stuck";
  }
  return "unknown";
}

// What the store and its thread share.
class HistoryStore::Core {
 public:
  Core(HistoryOptions options, std::shared_ptr<const Clock> clock)
      : clock_(std::move(clock)),
        limits_(options.pending),
        batch(limits_),
        writer_(std::move(options), clock_) {}

  void work(bool last);
  [[nodiscard]] HistoryStatus status() const;
  [[nodiscard]] Forgotten forgotten() const;
  std::vector<std::string> take_remarks();

 private:
  // waiting: who asked to be told about it.
  Result<void> write_pending(std::vector<Flushed>& waiting);
  Result<void> write(HistoryBatch taken);
  void settle(const Result<void>& done);

  const std::shared_ptr<const Clock> clock_;
  const HistoryBatchLimits limits_;

 public:
  mutable std::mutex mutex;
  // Under mutex:
  HistoryBatch batch;
  std::vector<Flushed> flushes;
  bool poked = false;  // the thread was told that much is waiting

 private:
  HistoryStatus status_;
  HistoryBatch::Dropped dropped_;  // of batches that were taken
  BootNs writing_since_ = 0;       // 0: not writing
  // The thread's own:
  HistoryWriter writer_;
  std::optional<HistoryBatch> carried_;  // could not be written yet
  BootNs written_at_ = 0;
};

void HistoryStore::Core::work(bool last) {
  {
    const std::lock_guard lock(mutex);
    writing_since_ = clock_->boot_ns();
  }
  std::vector<Flushed> waiting;
  auto done = write_pending(waiting);
  const bool written = done.has_value();
  // Also when nothing can be written: what goes may be what makes room.
  if (const auto kept = writer_.maintain(); done && !kept) done = kept;
  if (done && last) done = writer_.end_run();
  settle(done);
  for (const auto& flushed : waiting) flushed(written);
}

// What failed before goes first, so that events stay in their order. Events that find no place do
// not hold up the sightings that came after them.
Result<void> HistoryStore::Core::write_pending(std::vector<Flushed>& waiting) {
  Result<void> done;
  if (carried_ && !carried_->only_events()) done = write(*std::exchange(carried_, std::nullopt));
  const bool free = !carried_ || carried_->only_events();
  std::optional<HistoryBatch> taken;
  {
    const std::lock_guard lock(mutex);
    waiting.swap(flushes);
    const bool due = clock_->boot_ns() >= written_at_ + kAliveEveryNs || written_at_ == 0;
    if (free && (!batch.empty() || !waiting.empty() || due)) {
      dropped_.events += batch.dropped().events;
      dropped_.seen += batch.dropped().seen;
      taken = std::exchange(batch, HistoryBatch(limits_));
      poked = false;
    }
  }
  if (carried_ && free) {
    if (!taken) taken.emplace(limits_);
    const auto lost = taken->put_before(*std::exchange(carried_, std::nullopt));
    const std::lock_guard lock(mutex);
    dropped_.events += lost;
  }
  if (taken) done = write(std::move(*taken));
  return done;
}

Result<void> HistoryStore::Core::write(HistoryBatch taken) {
  auto done = writer_.write(taken);
  if (!done) {
    carried_ = std::move(taken);
    return done;
  }
  written_at_ = clock_->boot_ns();
  const std::lock_guard lock(mutex);
  status_.committed_ns = clock_->wall_ns();
  return done;
}

void HistoryStore::Core::settle(const Result<void>& done) {
  auto facts = writer_.take_facts();
  const std::lock_guard lock(mutex);
  writing_since_ = 0;
  status_.state = done ? HistoryState::kOk : HistoryState::kFailing;
  status_.detail = done ? std::string() : done.error().message;
  facts.remarks.insert(facts.remarks.begin(), status_.files.remarks.begin(),
                       status_.files.remarks.end());
  status_.files = std::move(facts);
}

HistoryStatus HistoryStore::Core::status() const {
  const std::lock_guard lock(mutex);
  auto out = status_;
  out.pending_events = batch.events().size();
  out.pending_seen = batch.seen().size();
  out.lost_events = dropped_.events + batch.dropped().events + status_.files.events_refused;
  out.lost_seen = dropped_.seen + batch.dropped().seen;
  const auto now = clock_->boot_ns();
  if (writing_since_ != 0 && now > writing_since_ + kStuckNs) {
    out.state = HistoryState::kStuck;
    out.detail = fmt::format("one write has taken {} s", (now - writing_since_) / kNsPerSecond);
  }
  return out;
}

HistoryStore::Forgotten HistoryStore::Core::forgotten() const {
  const std::lock_guard lock(mutex);
  return {status_.files.begun_anew, status_.files.contents_dropped};
}

std::vector<std::string> HistoryStore::Core::take_remarks() {
  const std::lock_guard lock(mutex);
  return std::exchange(status_.files.remarks, {});
}

// ---- HistoryStore
// ----------------------------------------------------------------------------------

HistoryStore::HistoryStore(HistoryOptions options, std::shared_ptr<const Clock> clock)
    : core_(std::make_shared<Core>(std::move(options), std::move(clock))),
      thread_([core = core_](bool last) { core->work(last); }, kPeriod) {
  thread_.poke();
}

HistoryStore::~HistoryStore() = default;

HistoryStore::Pending HistoryStore::pending() {
  return {*this, core_->mutex, core_->batch};
}

HistoryStore::Pending::~Pending() {
  auto& poked = store_.core_->poked;
  const bool much = !poked && batch_.events().size() >= limits::kHistoryEventsPerWrite;
  poked = poked || much;
  lock_.unlock();
  if (much) store_.thread_.poke();
}

void HistoryStore::flush(Flushed done) {
  {
    const std::lock_guard lock(core_->mutex);
    core_->flushes.push_back(std::move(done));
  }
  thread_.poke();
}

bool HistoryStore::flush_wait(std::chrono::milliseconds at_most) {
  struct Answer {
    std::mutex mutex;
    std::condition_variable there;
    std::optional<bool> committed;
  };
  const auto answer = std::make_shared<Answer>();
  flush([answer](bool committed) {
    const std::lock_guard lock(answer->mutex);
    answer->committed = committed;
    answer->there.notify_all();
  });
  std::unique_lock lock(answer->mutex);
  answer->there.wait_for(lock, at_most, [&] { return answer->committed.has_value(); });
  return answer->committed.value_or(false);
}

HistoryStatus HistoryStore::status() const {
  return core_->status();
}

HistoryStore::Forgotten HistoryStore::forgotten() const {
  return core_->forgotten();
}

std::vector<std::string> HistoryStore::take_remarks() {
  return core_->take_remarks();
}

bool HistoryStore::stop(std::chrono::milliseconds at_most) {
  return thread_.stop(at_most) && core_->status().state == HistoryState::kOk;
}

}  // namespace tocsin
