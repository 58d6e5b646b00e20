// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/hunt_desk.hpp"

#include <utility>

#include "history/contacts_json.hpp"
#include "history/hunt_json.hpp"

namespace tocsin {

using Json = nlohmann::json;

Result<std::unique_ptr<HuntDesk>> HuntDesk::start(Parts parts) {
  auto& loop = parts.loop;
  std::unique_ptr<HuntDesk> desk(new HuntDesk(std::move(parts)));
  TOCSIN_TRY(desk->worker_, Worker::start(loop));
  return desk;
}

void HuntDesk::hunt(control::HuntRequest request, control::Done done) {
  worker_->submit(
      [this, request = std::move(request), done = std::move(done)]() mutable -> Worker::OnLoop {
        return [this, result = answer(request), done = std::move(done)]() mutable {
          if (result) mark_running(*result);
          done(std::move(result));
        };
      });
}

void HuntDesk::contacts(control::ContactRequest request, control::Done done) {
  request.question.now_ns = parts_.clock.wall_ns();
  worker_->submit(
      [this, request = std::move(request), done = std::move(done)]() mutable -> Worker::OnLoop {
        return [this, process = request.process, result = answer(request.question),
                done = std::move(done)]() mutable {
          if (result && process.known()) (*result)["running"] = parts_.is_running(process);
          done(std::move(result));
        };
      });
}

Result<Json> HuntDesk::answer(const ContactQuestion& question) const {
  const bool fresh = parts_.flush();
  TOCSIN_TRY(auto reader, HistoryReader::open(parts_.folder));
  TOCSIN_TRY(const auto report, contacts_of(reader, question));
  auto out = to_json(report);
  if (!fresh) out["coverage"]["behind"] = true;
  return out;
}

Result<Json> HuntDesk::answer(const control::HuntRequest& request) const {
  // What happened a moment ago counts, too.
  const bool fresh = parts_.flush();
  TOCSIN_TRY(auto reader, HistoryReader::open(parts_.folder));
  HuntOptions options;
  options.since_ns = request.since_ns;
  options.now_ns = parts_.clock.wall_ns();
  options.fold_window_ns = parts_.fold_window_ns;
  options.occurrences = request.occurrences;
  TOCSIN_TRY(const auto report, tocsin::hunt(reader, request.values, options));
  TOCSIN_TRY(auto out, to_json(reader, report));
  if (!fresh) out["coverage"]["behind"] = true;
  return out;
}

// Only who owns the process table can tell.
void HuntDesk::mark_running(Json& answer) const {
  for (auto& hit : answer["hits"])
    for (auto& sighting : hit["sightings"]) {
      auto& last = sighting["last"];
      const ProcessId process{last.value("pid", std::uint32_t{0}), last.value("start", BootNs{0})};
      if (process.known() && parts_.is_running(process)) sighting["running"] = true;
    }
}

}  // namespace tocsin
