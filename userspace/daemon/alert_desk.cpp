// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/alert_desk.hpp"

#include <utility>

#include "alert/render_human.hpp"
#include "alert/render_json.hpp"
#include "base/limits.hpp"

namespace tocsin {

AlertDesk::AlertDesk(Parts parts) : parts_(std::move(parts)), fold_(parts_.fold) {}

void AlertDesk::add(Alert alert) {
  for (auto& ready : fold_.add(std::move(alert), parts_.clock.boot_ns())) report(std::move(ready));
}

void AlertDesk::tick() {
  for (auto& ready : fold_.expire(parts_.clock.boot_ns())) report(std::move(ready));
}

void AlertDesk::flush() {
  for (auto& ready : fold_.flush()) report(std::move(ready));
}

void AlertDesk::report(Alert alert) {
  auto rendered = std::make_shared<RenderedAlert>();
  rendered->json = render_json(alert, {parts_.host, parts_.agent, ++reported_});
  rendered->human = render_human(alert, {});
  rendered->alert = std::move(alert);
  by_severity_[static_cast<std::size_t>(rendered->alert.severity)] += 1;
  parts_.sinks.publish(rendered);
  if (parts_.on_reported) parts_.on_reported(rendered->alert.severity, rendered->json);
  kept_.push_back(std::move(rendered));
  if (kept_.size() > limits::kAlertsKeptMax) kept_.pop_front();
}

}  // namespace tocsin
