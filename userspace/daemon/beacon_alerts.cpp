// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/beacon_alerts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace tocsin {
namespace {

// An incident waits so long, by the clock, for what follows the thing that raised it, so that one
// alert tells it: somebody with a shell looks around within a minute. What is grave already waits
// no longer than the first commands take.
constexpr BootNs kGatherNs = 60 * kNsPerSecond;
constexpr BootNs kGatherGraveNs = 10 * kNsPerSecond;
constexpr double kHourS = 3'600;
constexpr double kIncidentLastsS = 86'400;  // then it is told once more that it goes on
constexpr std::size_t kCommandsShown = 8;

BeaconAlerts::Program program_of(const Alert& alert) {
  return {alert.beacon->subject_id, alert.beacon->container};
}

BootNs patience_with(const Alert& alert) {
  return alert.severity >= Severity::kHigh ? kGatherGraveNs : kGatherNs;
}

bool is_graver(const Alert& a, const Alert& b) {
  return std::tuple(a.severity, a.beacon->fusion.probability) >
         std::tuple(b.severity, b.beacon->fusion.probability);
}

// Of that very content, not of what the process executed since.
bool is_of(const ProcessFacts& facts, SubjectKind kind, const Sha256& id) {
  const auto& digests = (kind == SubjectKind::kScript ? facts.script_hash : facts.hash).digests;
  return digests && digests->sha256 == id;
}

// What was verified of the program; a view of the facts, which may be none.
VerifiedIdentity verified(SubjectKind kind, const Sha256& id, const ProcessFacts* facts) {
  VerifiedIdentity out;
  if (kind != SubjectKind::kContent && kind != SubjectKind::kScript) return out;
  out.sha256 = id;
  if (facts == nullptr || !is_of(*facts, kind, id)) return out;
  const auto& package = kind == SubjectKind::kScript ? facts->script_package : facts->package;
  out.package = package.name;
  out.intact = package.intact;
  return out;
}

std::string commands(const IncidentFacts& story) {
  std::string out;
  std::size_t shown = 0;
  for (const auto& step : story.steps) {
    if (++shown > kCommandsShown) break;
    out += fmt::format("{}{}", out.empty() ? "" : ", ", step.command);
  }
  const auto more = story.steps.size() + story.steps_left_out - std::min(shown, kCommandsShown);
  if (story.steps.size() > kCommandsShown || story.steps_left_out > 0)
    out += fmt::format(" and {} more", more);
  return out;
}

}  // namespace

std::size_t BeaconAlerts::ProgramHash::operator()(const Program& program) const {
  return DigestHash()(program.id) ^ std::hash<std::string>()(program.container);
}

// Not the wall clock: who can set that back could hold an incident back, too.
BootNs BeaconAlerts::now() const {
  return parts_.clock.boot_ns();
}

BootNs BeaconAlerts::scaled(double seconds) const {
  return static_cast<BootNs>(seconds / parts_.time_scale * kNsPerSecond);
}

bool BeaconAlerts::incident_lasts(const Record& record) const {
  return record.incident_at && now() < *record.incident_at + scaled(kIncidentLastsS);
}

bool BeaconAlerts::hour_lasts(const Record& record) const {
  return record.hour_at && now() < *record.hour_at + scaled(kHourS);
}

BeaconAlerts::Record& BeaconAlerts::record_of(const Program& program) {
  return records_.get(program, [this](const Program& gone, Record& record) {
    tell_due(record, /*all=*/true);
    std::erase(waiting_, gone);
  });
}

void BeaconAlerts::note(const Program& program, IncidentStep step) {
  auto& story = record_of(program).story;
  // What ran a day before is no part of what goes on now.
  std::erase_if(story.steps, [&](const IncidentStep& old) {
    return step.at_ns - old.at_ns >= static_cast<WallNs>(scaled(kIncidentLastsS));
  });
  const bool again = !story.steps.empty() && story.steps.back().process == step.process &&
                     story.steps.back().at_ns == step.at_ns;
  if (again)  // one command may be several things: the last said is the most that is known
    story.steps.back().kind = step.kind;
  else if (story.steps.size() < limits::kIncidentStepsMax)
    story.steps.push_back(std::move(step));
  else
    ++story.steps_left_out;
}

bool BeaconAlerts::in_incident(const Program& program) {
  const auto* record = records_.find(program);
  return record != nullptr && record->gathering.has_value();
}

bool BeaconAlerts::vouched_for(const Alert& alert) {
  const auto& finding = *alert.beacon;
  const auto* facts = alert.lineage.empty() ? nullptr : &alert.lineage[0];
  return parts_.allowed.silences(verified(finding.subject_kind, finding.subject_id, facts),
                                 parts_.clock.wall_ns());
}

bool BeaconAlerts::is_disowned(const BeaconSubject& program, const ProcessFacts& facts) const {
  return is_of(facts, program.kind, program.id) &&
         !parts_.allowed.vouches(verified(program.kind, program.id, &facts),
                                 parts_.clock.wall_ns());
}

bool BeaconAlerts::add(Alert alert) {
  if (vouched_for(alert)) {
    ++silenced_;
    return false;
  }
  const auto program = program_of(alert);
  auto& record = record_of(program);
  if (record.gathering) {
    // The same incident by another destination, or at a higher level.
    ++folded_;
    if (!is_graver(alert, *record.gathering)) return true;
    record.gathering = std::move(alert);
    record.tell_at = std::min(record.tell_at, now() + patience_with(*record.gathering));
    return true;
  }
  const bool known = incident_lasts(record) && alert.severity <= record.incident;
  if (alert.kind == AlertKind::kIncident && !known) {
    record.tell_at = now() + patience_with(alert);
    record.gathering = std::move(alert);
    waiting_.push_back(program);
    return true;
  }
  if (!hour_lasts(record)) record.told = 0, record.gravest = Severity::kInfo;
  const bool full = record.told >= limits::kBeaconAlertsPerHourMax;
  if (known || (full && alert.severity <= record.gravest))
    hold(program, record, std::move(alert));
  else
    tell(record, std::move(alert));
  return true;
}

void BeaconAlerts::hold(const Program& program, Record& record, Alert alert) {
  ++folded_;
  ++record.held_count;
  if (record.held) {
    if (is_graver(alert, *record.held)) record.held = std::move(alert);
    return;
  }
  record.held = std::move(alert);
  waiting_.push_back(program);
}

void BeaconAlerts::tell(Record& record, Alert alert) {
  if (!hour_lasts(record)) {
    record.hour_at = now();
    record.told = 0;
    record.gravest = Severity::kInfo;
  }
  ++record.told;
  record.gravest = std::max(record.gravest, alert.severity);
  parts_.on_alert(std::move(alert));
}

void BeaconAlerts::end_gathering(Record& record) {
  auto alert = std::move(*record.gathering);
  record.gathering.reset();
  tell(record, incident_told(record, std::move(alert)));
}

Alert BeaconAlerts::incident_told(Record& record, Alert alert) {
  auto story = std::exchange(record.story, {});
  const bool shell = std::ranges::any_of(
      story.steps, [](const auto& step) { return step.kind == IncidentStepKind::kShell; });
  // Probability says how sure, severity how bad: somebody types commands on this host now.
  if (shell && alert.severity >= Severity::kHigh) alert.severity = Severity::kCritical;
  if (!alert.incident) alert.incident.emplace();
  alert.incident->steps = std::move(story.steps);
  alert.incident->steps_left_out = story.steps_left_out;
  if (!alert.incident->steps.empty())
    alert.message += fmt::format("; below it ran: {}", commands(*alert.incident));
  record.incident_at = now();
  record.incident = alert.severity;
  return alert;
}

void BeaconAlerts::tell_due(Record& record, bool all) {
  if (record.gathering && (all || now() >= record.tell_at)) end_gathering(record);
  if (!record.held || (!all && (incident_lasts(record) || hour_lasts(record)))) return;
  auto alert = std::move(*record.held);
  record.held.reset();
  alert.repeats += std::exchange(record.held_count, 0) - 1;
  // What goes on for days is told once a day.
  if (alert.kind == AlertKind::kIncident) alert = incident_told(record, std::move(alert));
  tell(record, std::move(alert));
}

void BeaconAlerts::tick() {
  if (waiting_.empty()) return;
  for (const auto& program : waiting_)
    if (auto* record = records_.find(program)) tell_due(*record, /*all=*/false);
  std::erase_if(waiting_, [this](const Program& program) {
    const auto* record = records_.find(program);
    return record == nullptr || (!record->gathering && !record->held);
  });
}

void BeaconAlerts::flush() {
  for (const auto& program : std::exchange(waiting_, {}))
    if (auto* record = records_.find(program)) tell_due(*record, /*all=*/true);
}

nlohmann::json BeaconAlerts::status() const {
  return {{"silenced", silenced_},
          {"folded", folded_},
          {"allow", parts_.allowed.status(parts_.clock.wall_ns())}};
}

}  // namespace tocsin
