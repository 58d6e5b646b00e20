// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "alert/alert.hpp"
#include "alert/fold.hpp"
#include "alert/rendered_alert.hpp"
#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "sink/fan_out.hpp"

namespace tocsin {

// The last stage: repeats are folded, what is left is written down once, given to every sink and to
// those who follow, and kept for those who ask later. State thread only.
class AlertDesk {
 public:
  struct Parts {
    const Clock& clock;
    FanOut* sinks = nullptr;  // null: only on_reported hears
    AlertOrigin origin;
    HumanOptions human;
    FoldOptions fold;
    std::function<void(const RenderedAlert&)> on_reported;
  };
  using Kept = std::shared_ptr<const RenderedAlert>;

  explicit AlertDesk(Parts parts);

  // Alerts of self-tests are never folded.
  void add(Alert alert);
  // Once a second: reports what was folded when its window ends.
  void tick();
  // At a stop: everything held is reported.
  void flush();

  // Oldest first, at most limits::kAlertsKeptMax. An index below first_kept() is gone.
  [[nodiscard]] std::uint64_t first_kept() const { return reported() - kept_.size(); }
  [[nodiscard]] std::uint64_t reported() const { return renderer_.rendered(); }
  [[nodiscard]] const RenderedAlert& kept(std::uint64_t index) const {
    return *kept_[index - first_kept()];
  }
  [[nodiscard]] const FoldStats& fold_stats() const { return fold_.stats(); }
  [[nodiscard]] const std::array<std::uint64_t, 5>& by_severity() const { return by_severity_; }
  using KindAndSeverity = std::pair<AlertKind, Severity>;
  [[nodiscard]] const std::map<KindAndSeverity, std::uint64_t>& by_kind() const { return by_kind_; }
  // From the event to the hand-over to the sinks; repeats held by folding are not in it.
  [[nodiscard]] const DurationHistogram& latency() const { return latency_; }

 private:
  void report(Alert alert);

  Parts parts_;
  AlertFold fold_;
  AlertRenderer renderer_;
  std::deque<Kept> kept_;
  std::array<std::uint64_t, 5> by_severity_{};
  std::map<KindAndSeverity, std::uint64_t> by_kind_;
  DurationHistogram latency_;
};

}  // namespace tocsin
