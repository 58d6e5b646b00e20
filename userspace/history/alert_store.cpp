// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/alert_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "history/retention.hpp"
#include "history/schema.hpp"

namespace tocsin {
namespace {

constexpr std::chrono::milliseconds kPeriod{1000};
constexpr BootNs kSweepEveryNs = 3'600ULL * kNsPerSecond;
constexpr std::size_t kPerTransaction = 256;

struct Record {
  std::string id;
  WallNs time_ns, reported_ns;
  std::int64_t severity;
  std::string json;
};

}  // namespace

class AlertStore::Core {
 public:
  Core(AlertStoreOptions options, std::shared_ptr<const Clock> clock)
      : options_(std::move(options)), clock_(std::move(clock)), steady_(*clock_) {}

  void add(Record record);
  void work();
  [[nodiscard]] AlertStoreStatus status() const;
  std::vector<std::string> take_remarks();

 private:
  struct File {
    Database database;
    Statement insert;
  };
  Result<void> write_all();
  Result<void> set_aside(const Error& damage);
  Result<void> ensure_file();
  Result<void> write_some();
  Result<void> insert(const Record& record);
  Result<void> retain();

  const AlertStoreOptions options_;
  const std::shared_ptr<const Clock> clock_;
  mutable std::mutex mutex_;
  std::deque<Record> queue_;  // under mutex_, as all up to the thread's own
  std::size_t queue_bytes_ = 0;
  AlertStoreStatus status_;
  std::vector<std::string> remarks_;
  // The thread's own:
  SteadyClock steady_;
  std::optional<File> file_;
  BootNs next_sweep_ = 0;
};

void AlertStore::Core::add(Record record) {
  const std::lock_guard lock(mutex_);
  if (queue_.size() >= options_.queue_max ||
      queue_bytes_ + record.json.size() > options_.queue_bytes_max) {
    ++status_.refused;
    return;
  }
  queue_bytes_ += record.json.size();
  queue_.push_back(std::move(record));
}

void AlertStore::Core::work() {
  auto done = write_all();
  if (!done && is_damage(done.error())) {
    done = set_aside(done.error());
    if (done) done = write_all();
  }
  const std::lock_guard lock(mutex_);
  status_.failing = !done;
  status_.detail = done ? std::string() : done.error().message;
}

Result<void> AlertStore::Core::write_all() {
  TOCSIN_TRY_VOID(ensure_file());
  for (bool more = true; more;) {
    TOCSIN_TRY_VOID(write_some());
    const std::lock_guard lock(mutex_);
    more = !queue_.empty();
  }
  return retain();
}

Result<void> AlertStore::Core::set_aside(const Error& damage) {
  file_.reset();
  TOCSIN_TRY(auto remark,
             set_damaged_aside(options_.place.folder / kAlertsFile, damage, clock_->wall_ns()));
  const std::lock_guard lock(mutex_);
  remarks_.push_back(std::move(remark));
  return {};
}

Result<void> AlertStore::Core::ensure_file() {
  if (file_) return {};
  TOCSIN_TRY(auto opened, open_history_file(options_.place, std::string(kAlertsFile),
                                            HistoryFile::kAlerts, clock_->wall_ns()));
  if (!opened.remark.empty()) {
    const std::lock_guard lock(mutex_);
    remarks_.push_back(std::move(opened.remark));
  }
  // An alert that was committed although the commit failed is there already.
  TOCSIN_TRY(auto insert,
             opened.database.prepare("INSERT INTO alert(id,time_ns,reported_ns,severity,json) "
                                     "VALUES(?1,?2,?3,?4,?5) ON CONFLICT(id) DO NOTHING"));
  file_.emplace(std::move(opened.database), std::move(insert));
  return {};
}

Result<void> AlertStore::Core::insert(const Record& r) {
  file_->insert.bind_text(1, r.id)
      .bind(2, r.time_ns)
      .bind(3, r.reported_ns)
      .bind(4, r.severity)
      .bind_text(5, r.json);
  return file_->insert.run();
}

// They leave the queue when they are on the disk.
Result<void> AlertStore::Core::write_some() {
  std::vector<const Record*> records;
  {
    const std::lock_guard lock(mutex_);
    // A deque keeps its elements in place while others are added at its end.
    for (std::size_t i = 0; i < std::min(queue_.size(), kPerTransaction); ++i)
      records.push_back(&queue_[i]);
  }
  if (records.empty()) return {};
  TOCSIN_TRY_VOID(file_->database.run("BEGIN IMMEDIATE"));
  Result<void> done;
  for (const auto* record : records)
    if (done) done = insert(*record);
  if (done) done = file_->database.run("COMMIT");
  if (!done) {
    (void)file_->database.run("ROLLBACK");
    return done;
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < records.size(); ++i) {
    queue_bytes_ -= queue_.front().json.size();
    queue_.pop_front();
  }
  status_.stored += records.size();
  return {};
}

Result<void> AlertStore::Core::retain() {
  const auto now = clock_->boot_ns();
  if (!steady_.steady() || now < next_sweep_) return {};
  next_sweep_ = now + kSweepEveryNs;
  const auto oldest = clock_->wall_ns() - static_cast<WallNs>(options_.days) * kDayNs;
  return file_->database.run(
      fmt::format("DELETE FROM alert WHERE reported_ns<{}; "
                  "DELETE FROM alert WHERE seq<=(SELECT max(seq) FROM alert)-{}",
                  oldest, options_.rows_max));
}

AlertStoreStatus AlertStore::Core::status() const {
  const std::lock_guard lock(mutex_);
  auto out = status_;
  out.queued = queue_.size();
  return out;
}

std::vector<std::string> AlertStore::Core::take_remarks() {
  const std::lock_guard lock(mutex_);
  return std::exchange(remarks_, {});
}

// ---- AlertStore
// ------------------------------------------------------------------------------------

AlertStore::AlertStore(AlertStoreOptions options, std::shared_ptr<const Clock> clock)
    : core_(std::make_shared<Core>(std::move(options), std::move(clock))),
      thread_([core = core_](bool) { core->work(); }, kPeriod) {
  thread_.poke();
}

AlertStore::~AlertStore() = default;

void AlertStore::add(const RenderedAlert& rendered) {
  const auto& alert = rendered.alert;
  core_->add({alert.id, alert.time_ns, alert.reported_ns, static_cast<std::int64_t>(alert.severity),
              rendered.json});
  thread_.poke();
}

AlertStoreStatus AlertStore::status() const {
  return core_->status();
}

std::vector<std::string> AlertStore::take_remarks() {
  return core_->take_remarks();
}

bool AlertStore::stop(std::chrono::milliseconds at_most) {
  if (!thread_.stop(at_most)) return false;
  const auto last = core_->status();
  return !last.failing && last.queued == 0;
}

}  // namespace tocsin
