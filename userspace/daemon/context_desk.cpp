// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/context_desk.hpp"

#include <unordered_set>
#include <utility>

#include "base/path_below.hpp"
#include "process/container_id.hpp"

namespace tocsin {

ContextDesk::ContextDesk(Parts& parts)
    : clock_(parts.clock),
      facts_(parts.clock, parts.cgroups, path_below(parts.host_root, kAccounts)),
      on_alert_(std::move(parts.on_alert)) {}

Result<std::unique_ptr<ContextDesk>> ContextDesk::start(Parts parts) {
  std::unique_ptr<ContextDesk> out(new ContextDesk(parts));
  auto* self = out.get();
  ContainerStateFiles files(std::move(parts.state_folders), parts.host_root);
  TOCSIN_TRY(out->directory_,
             ContainerDirectory::start(parts.loop, std::move(files),
                                       [self](const std::string&) { self->send_complete(); }));
  TOCSIN_TRY(out->sessions_,
             SessionBook::start(
                 {.loop = parts.loop,
                  .clock = parts.clock,
                  .on_answer = [self] { self->send_complete(); },
                  .container_of =
                      [self](const Process& process) { return self->facts_.container_of(process); },
                  .accounts = path_below(parts.host_root, kAccounts)}));
  TOCSIN_TRY(out->timer_, parts.loop.add_timer(UINT64_MAX, [self] { self->expire(); }));
  return out;
}

void ContextDesk::take(Alert alert) {
  if (alert.lineage.empty()) return on_alert_(std::move(alert));
  if (const auto& id = alert.lineage[0].container_id; !id.empty()) directory_->want(id);
  if (complete(alert) || held_.size() >= limits::kContainerAlertsHeldMax)
    return send(std::move(alert));
  held_.push_back({std::move(alert), clock_.boot_ns() + limits::kContainerHoldNs});
  if (held_.size() == 1) timer_.rearm_us(limits::kContainerHoldNs / 1000);
}

bool ContextDesk::complete(const Alert& alert) {
  return !directory_->pending(alert.lineage[0].container_id) && !sessions_->pending(alert.lineage);
}

void ContextDesk::on_exec(const Subject& subject) {
  if (const auto id = facts_.container_of(*subject.process); !id.empty()) directory_->want(id);
}

// Engines put an id into the path that nobody else would; a plain runc's is told by its first
// program.
void ContextDesk::on_cgroup(const CgroupEvent& event) {
  if (const auto id = container_id_of_cgroup(event.path); !id.empty()) directory_->want(id);
}

void ContextDesk::look_at(const ProcessTable& processes) {
  sessions_->look_at(processes);
  std::unordered_set<std::string> seen;
  for (const auto& weak : processes.living()) {
    const auto process = weak.lock();
    if (process == nullptr) continue;
    auto id = facts_.container_of(*process);
    if (id.empty() || seen.size() >= limits::kContainerLookupsMax) continue;
    if (seen.insert(id).second) directory_->want(id);
  }
}

void ContextDesk::send(Alert alert) {
  if (const auto& id = alert.lineage[0].container_id; !id.empty()) {
    alert.container.emplace();
    if (const auto* facts = directory_->find(id)) {
      alert.container = *facts;
    } else {
      alert.container->unnamed_because = "it could not be looked up in time";
    }
    alert.container->id = id;
  }
  alert.session = sessions_->session_of(alert.lineage);
  on_alert_(std::move(alert));
}

void ContextDesk::send_complete() {
  std::vector<Alert> ready;
  std::erase_if(held_, [&](Held& held) {
    if (!complete(held.alert)) return false;
    ready.push_back(std::move(held.alert));
    return true;
  });
  for (auto& alert : ready) send(std::move(alert));
}

nlohmann::json ContextDesk::status() const {
  const auto& counters = directory_->counters();
  return {{"known", directory_->known()}, {"named", counters.named},
          {"unnamed", counters.unnamed},  {"lookups", counters.lookups},
          {"refused", counters.refused},  {"alerts_waiting", held_.size()}};
}

void ContextDesk::expire(bool all) {
  const auto now = clock_.boot_ns();
  while (!held_.empty() && (all || held_.front().until <= now)) {
    auto alert = std::move(held_.front().alert);
    held_.pop_front();
    send(std::move(alert));
  }
  if (!held_.empty()) timer_.rearm_us((held_.front().until - now) / 1000 + 1);
}

}  // namespace tocsin
