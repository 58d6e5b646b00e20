// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/hunt_desk.hpp"

#include <fmt/format.h>

#include <utility>

#include "history/contacts_json.hpp"
#include "history/first_seen.hpp"
#include "history/history_limits.hpp"
#include "history/hunt_json.hpp"
#include "process/procfs_scan.hpp"

namespace tocsin {

using Json = nlohmann::json;

Result<std::unique_ptr<HuntDesk>> HuntDesk::start(Parts parts) {
  auto& loop = parts.loop;
  std::unique_ptr<HuntDesk> desk(new HuntDesk(std::move(parts)));
  TOCSIN_TRY(desk->worker_, Worker::start(loop));
  return desk;
}

void HuntDesk::hunt(control::HuntRequest request, control::Done done) {
  auto wanted = request.wanted;
  enqueue({.wanted = std::move(wanted),
           .ask = [this, request = std::move(request)] { return answer(request); },
           .done = std::move(done)});
}

void HuntDesk::contacts(control::ContactRequest request, control::Done done) {
  request.question.now_ns = parts_.clock.wall_ns();
  enqueue({.wanted = {},
           .ask = [this, request = std::move(request)] { return answer(request); },
           .done = std::move(done)});
}

void HuntDesk::coverage(control::CoverageRequest request, control::Done done) {
  const CoverageQuestion question{request.since_ns, parts_.clock.wall_ns(), request.until_ns};
  enqueue({.wanted = {},
           .ask = [this, question]() -> Result<Json> {
             const bool fresh = parts_.flush();
             TOCSIN_TRY(auto reader, HistoryReader::open(parts_.folder));
             TOCSIN_TRY(const auto found, read_coverage(reader, question));
             auto out = to_json(found);
             if (!fresh) out["behind"] = true;
             return out;
           },
           .done = std::move(done)});
}

void HuntDesk::first_seen(WallNs since_ns, control::Done done) {
  enqueue({.wanted = {},
           .ask = [this, since_ns]() -> Result<Json> {
             (void)parts_.flush();  // not in time: what is missing is told with the next question
             TOCSIN_TRY(auto reader, HistoryReader::open(parts_.folder));
             TOCSIN_TRY(const auto found, tocsin::first_seen(reader, since_ns, stop_.get_token()));
             return to_json(found);
           },
           .done = std::move(done)});
}

void HuntDesk::enqueue(Waiting one) {
  drop_unwanted();
  if (waiting_.size() >= limits::kHuntsWaitingMax)
    return one.done(
        fail(ErrorCode::kBusy,
             fmt::format("{} questions are waiting already: ask again later", waiting_.size())));
  waiting_.push_back(std::move(one));
  if (!asking_) next();
}

void HuntDesk::stop() {
  stop_.request_stop();
  waiting_.clear();
}

// Clients that went away.
void HuntDesk::drop_unwanted() {
  std::erase_if(waiting_, [](const Waiting& one) { return one.wanted && !one.wanted(); });
}

void HuntDesk::next() {
  drop_unwanted();
  asking_ = !waiting_.empty();
  if (!asking_) return;
  auto one = std::move(waiting_.front());
  waiting_.pop_front();
  worker_->submit([this, one = std::move(one)]() mutable -> Worker::OnLoop {
    return [this, result = one.ask(), one = std::move(one)]() mutable {
      one.done(std::move(result));
      next();
    };
  });
}

Result<Json> HuntDesk::answer(const control::ContactRequest& request) const {
  const bool fresh = parts_.flush();
  TOCSIN_TRY(auto reader, HistoryReader::open(parts_.folder));
  TOCSIN_TRY(const auto report, contacts_of(reader, request.question));
  auto out = to_json(report);
  // Of another boot it ended with that; of a boot that nobody names it cannot be told.
  if (request.process.known() && !request.boot_id.empty() && !parts_.boot_id.empty())
    out["running"] = request.boot_id == parts_.boot_id && is_running(request.process);
  if (!fresh) out["coverage"]["behind"] = true;
  return out;
}

Result<Json> HuntDesk::answer(const control::HuntRequest& request) const {
  // What happened a moment ago counts, too.
  const bool fresh = !stop_.stop_requested() && parts_.flush();
  TOCSIN_TRY(auto reader, HistoryReader::open(parts_.folder));
  HuntOptions options;
  options.since_ns = request.since_ns;
  options.now_ns = parts_.clock.wall_ns();
  options.fold_window_ns = parts_.fold_window_ns;
  options.occurrences = request.occurrences;
  options.stop = stop_.get_token();
  TOCSIN_TRY(const auto report, tocsin::hunt(reader, request.values, options));
  TOCSIN_TRY(auto out, to_json(reader, report));
  mark_running(out);
  if (!fresh) out["coverage"]["behind"] = true;
  return out;
}

// The process table knows a process that ran before the daemon by its tick only; so does /proc.
void HuntDesk::mark_running(Json& answer) const {
  const auto booted_s = static_cast<double>(boot_epoch_ns(parts_.clock)) / 1e9;
  for (auto& hit : answer["hits"])
    for (auto& sighting : hit["sightings"]) {
      auto& last = sighting["last"];
      const ProcessId process{last.value("pid", std::uint32_t{0}), last.value("start", BootNs{0})};
      const bool this_boot = last.value("time", 0.0) >= booted_s;
      if (process.known() && this_boot && is_running(process)) sighting["running"] = true;
    }
}

}  // namespace tocsin
