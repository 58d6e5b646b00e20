// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/alert_desk.hpp"

#include <utility>

#include "base/limits.hpp"

namespace tocsin {

AlertDesk::AlertDesk(Parts parts)
    : parts_(std::move(parts)),
      fold_(parts_.fold),
      renderer_(parts_.origin, parts_.human,
                parts_.sinks != nullptr && parts_.sinks->wants_ocsf()) {}

void AlertDesk::add(Alert alert) {
  // A self-test asks whether its alarm comes through: a repeat would not.
  if (alert.self_test) return report(std::move(alert));
  for (auto& ready : fold_.add(std::move(alert), parts_.clock.boot_ns())) report(std::move(ready));
}

void AlertDesk::tick() {
  for (auto& ready : fold_.expire(parts_.clock.boot_ns())) report(std::move(ready));
}

void AlertDesk::flush() {
  for (auto& ready : fold_.flush()) report(std::move(ready));
}

void AlertDesk::report(Alert alert) {
  auto rendered = renderer_.render(std::move(alert));
  const auto& told = rendered->alert;
  by_severity_[static_cast<std::size_t>(told.severity)] += 1;
  by_kind_[{told.kind, told.severity}] += 1;
  if (const auto now = parts_.clock.wall_ns(); told.repeats == 0 && now >= told.time_ns)
    latency_.add(static_cast<std::uint64_t>(now - told.time_ns));
  if (parts_.sinks != nullptr) parts_.sinks->publish(rendered);
  if (parts_.on_reported) parts_.on_reported(*rendered);
  kept_.push_back(std::move(rendered));
  if (kept_.size() > limits::kAlertsKeptMax) kept_.pop_front();
}

}  // namespace tocsin
