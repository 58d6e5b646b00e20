// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/loudest_alerts.hpp"

#include <algorithm>
#include <utility>

#include "cli/json_view.hpp"
#include "indicators/indicator.hpp"

namespace tocsin::cli {
namespace {

std::string severity_of(const nlohmann::json& alert) {
  return text_at(alert, "/tocsin/severity", 16);
}

// What has no severity that is known may be anything.
int loudness_of(const nlohmann::json& alert) {
  const auto severity = parse_severity(severity_of(alert));
  return static_cast<int>(severity.value_or(Severity::kMedium));
}

}  // namespace

void LoudestAlerts::add(nlohmann::json alert) {
  const auto loudness = loudness_of(alert);
  by_loudness_[loudness].push_back({number_++, std::move(alert)});
  if (++size_ <= most_) return;
  const auto least = by_loudness_.begin();
  ++left_out_[severity_of(least->second.front().alert)];
  least->second.pop_front();
  if (least->second.empty()) by_loudness_.erase(least);
  --size_;
}

LoudestAlerts::Alerts LoudestAlerts::take() {
  std::vector<Numbered> all;
  for (auto& [loudness, alerts] : std::exchange(by_loudness_, {}))
    std::ranges::move(alerts, std::back_inserter(all));
  std::ranges::sort(all, {}, &Numbered::number);
  Alerts out;
  for (auto& one : all) out.kept.push_back(std::move(one.alert));
  out.left_out = std::exchange(left_out_, {});
  size_ = 0;
  return out;
}

}  // namespace tocsin::cli
