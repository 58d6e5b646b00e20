// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Part of the pipeline: what those who follow the event stream are told.
#include <utility>

#include "daemon/pipeline_publish.hpp"
#include "event/event_json.hpp"

namespace tocsin {
namespace {

// Held lines are named by hash ticket or, for attempts, by socket cookie: told apart by the top
// bit.
std::uint64_t outcome_ticket(std::uint64_t cookie) {
  return cookie | 1ULL << 63;
}

}  // namespace

void Pipeline::add_container(const Process& process, EventExtras& extras) const {
  extras.container = subjects_.container_of(process);
  if (extras.container.empty() || !parts_.container_facts) return;
  const auto* facts = parts_.container_facts(extras.container);
  if (facts == nullptr) return;
  extras.container_name = facts->name;
  extras.container_image = facts->image;
}

void Pipeline::publish_exec(const std::shared_ptr<Process>& process) {
  if (parts_.event_log == nullptr || !parts_.event_log->wanted("exec")) return;
  auto render = [this, process, image = process->image] {
    EventExtras extras;
    extras.boot_epoch_ns = boot_epoch_ns(parts_.clock);
    add_container(*process, extras);
    if (parts_.session_of) extras.session = parts_.session_of(process);
    extras.hash = &image->hash;
    extras.script_hash = &image->script_hash;
    return to_json(image->exec, extras);
  };
  const auto ticket = process->image->last_hash_ticket;
  if (!process->image->hash_pending || ticket == 0) {
    parts_.event_log->add("exec", std::move(render));
  } else {
    parts_.event_log->add_held("exec", ticket, parts_.clock.boot_ns(), std::move(render));
  }
}

void Pipeline::publish_connect(const ConnectEvent& event, const Process* process) {
  if (parts_.event_log == nullptr || !parts_.event_log->wanted("connect")) return;
  if (event.result != ConnectResult::kInProgress || event.cookie == 0)
    return publish("connect", event, process);
  if (attempts_.size() >= EventLog::kHeldMax) attempts_.clear();  // outcomes that never came
  auto attempt = std::make_shared<ConnectEvent>(event);
  attempts_[event.cookie] = attempt;
  EventExtras extras;
  extras.boot_epoch_ns = boot_epoch_ns(parts_.clock);
  if (process != nullptr) add_container(*process, extras);
  parts_.event_log->add_held("connect", outcome_ticket(event.cookie), parts_.clock.boot_ns(),
                             [attempt, extras] { return to_json(*attempt, extras); });
}

void Pipeline::release_attempt(std::uint64_t cookie) {
  parts_.event_log->release(outcome_ticket(cookie));
}

}  // namespace tocsin
