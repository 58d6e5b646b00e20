// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/hindsight.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "daemon/seen_matcher.hpp"
#include "history/coverage.hpp"
#include "history/history_limits.hpp"
#include "history/reported.hpp"
#include "history/retro_match.hpp"

namespace tocsin {
namespace {

constexpr WallNs kWalkMostNs = 600 * kNsPerSecond;
// Alerts made and raised in one go: some ten milliseconds of work on either thread.
constexpr std::size_t kAlertsAStep = 50;

Result<void> add_coverage(HistoryReader& reader, Alert& alert) {
  auto& retro = *alert.retro;
  TOCSIN_TRY(const auto watch, read_watch(reader, retro.first_ns, retro.last_ns));
  retro.gaps = watch.gap_count;
  retro.gap_ns = watch.gap_ns;
  alert.loss.since_ns = retro.first_ns;
  for (const auto& [stage, count] : watch.lost)
    alert.loss.lost.push_back({retro.first_ns, stage, count});
  return {};
}

}  // namespace

// What the worker's thread works with. The loop's looks at it only while no job runs.
class Hindsight::Walk {
 public:
  Walk(const Parts& parts, std::shared_ptr<const Index> index, WallNs now)
      : folder_(parts.folder),
        flush_(parts.flush),
        asked_ns_(now),
        match_(match_seen(index, now), {.short_digests = index->need_sha1() || index->need_md5()}) {
  }

  Result<bool> step() {
    if (!reader_) {
      flush_();  // what is not written yet was judged live, or is told by the next walk
      auto reader = HistoryReader::open(folder_);
      if (!reader && reader.error().code == ErrorCode::kNotFound) return false;
      if (!reader) return std::unexpected(std::move(reader).error());
      reader_.emplace(std::move(*reader));
    }
    TOCSIN_TRY(const bool more, match_.step(*reader_));
    if (more) return true;
    findings_ = match_.take_findings();
    // The index was in force already: what was first seen since then was judged live. Later than a
    // walk lasts it can only be a clock that was ahead.
    std::erase_if(findings_, [&](const auto& f) {
      return f.exposure.first_ns >= asked_ns_ && f.exposure.first_ns < asked_ns_ + kWalkMostNs;
    });
    return false;
  }

  Result<std::vector<RetroAlert>> next_alerts() {
    std::vector<RetroAlert> out;
    const auto end = std::min({next_ + kAlertsAStep, findings_.size(), limits::kRetroAlertsMax});
    for (; next_ < end; ++next_) {
      TOCSIN_TRY(auto made, retro_alert(*reader_, std::move(findings_[next_])));
      TOCSIN_TRY_VOID(add_coverage(*reader_, made.alert));
      out.push_back(std::move(made));
    }
    return out;
  }

  [[nodiscard]] std::uint64_t rows() const { return match_.rows(); }
  [[nodiscard]] bool all_told() const {
    return next_ == std::min(findings_.size(), limits::kRetroAlertsMax);
  }
  // Findings that get no alert of their own this time.
  [[nodiscard]] std::uint64_t left() const { return findings_.size() - next_ + match_.left_out(); }
  [[nodiscard]] const RetroFinding* first_left() const {
    return next_ < findings_.size() ? &findings_[next_] : nullptr;
  }

 private:
  std::filesystem::path folder_;
  std::function<bool()> flush_;
  WallNs asked_ns_;
  RetroMatch match_;
  std::optional<HistoryReader> reader_;
  std::vector<RetroFinding> findings_;
  std::size_t next_ = 0;
};

Hindsight::~Hindsight() {
  if (!held_.empty()) parts_.mark(std::move(held_));
}

void Hindsight::look(std::shared_ptr<const Index> index) {
  next_ = std::move(index);
  asked_ns_ = parts_.clock.wall_ns();
  if (!walking_) begin();
}

void Hindsight::begin() {
  walking_ = true;
  ++counters_.walks;
  step(std::make_shared<Walk>(parts_, std::exchange(next_, nullptr), asked_ns_));
}

void Hindsight::step(const SharedWalk& walk) {
  parts_.worker.submit([this, walk]() -> Worker::OnLoop {
    return [this, walk, more = walk->step()]() mutable { stepped(walk, std::move(more)); };
  });
}

void Hindsight::stepped(const SharedWalk& walk, Result<bool> more) {
  if (next_ != nullptr) return begin();
  if (!more) {
    parts_.on_trouble("the history was not compared with the indicators: " + more.error().message);
    return end();
  }
  if (*more) return step(walk);
  counters_.rows += walk->rows();
  tell(walk);
}

void Hindsight::tell(const SharedWalk& walk) {
  if (walk->all_told()) {
    tell_rest(*walk);
    return end();
  }
  parts_.worker.submit([this, walk]() -> Worker::OnLoop {
    return [this, walk, alerts = walk->next_alerts()]() mutable { told(walk, std::move(alerts)); };
  });
}

void Hindsight::told(const SharedWalk& walk, Result<std::vector<RetroAlert>> alerts) {
  if (!alerts) {
    parts_.on_trouble("an alert about the past was not raised: " + alerts.error().message);
    return end();
  }
  for (auto& [alert, marks] : *alerts) {
    ++counters_.alerts;
    for (auto& mark : marks) mark.at_ns = parts_.clock.wall_ns();
    parts_.mark(std::move(marks));
    parts_.raise(std::move(alert));
  }
  tell(walk);
}

void Hindsight::tell_rest(const Walk& walk) {
  if (walk.left() == 0) return;
  counters_.left_out += walk.left();
  Alert alert;
  alert.kind = AlertKind::kIncident;
  alert.severity = Severity::kMedium;
  std::string set = "SET";
  if (const auto* next = walk.first_left()) {
    const auto loudest = std::ranges::max_element(
        next->matches, {}, [](const IndicatorMatch& m) { return m.indicator.severity; });
    alert.severity = loudest->indicator.severity;
    set = loudest->indicator.set;
  }
  alert.message = fmt::format(
      "{} more values in the history match indicators that became known; the {} loudest have "
      "alerts of their own, the next reload or start tells more; all of them: tocsin hunt --set {}",
      walk.left(), limits::kRetroAlertsMax, set);
  parts_.raise(std::move(alert));
}

void Hindsight::end() {
  walking_ = false;
  if (!held_.empty()) parts_.mark(std::exchange(held_, {}));
  if (next_ != nullptr) begin();
}

void Hindsight::on_alert(const Alert& alert) {
  if (alert.retro) return;
  auto marks = reported_of(alert);
  if (marks.empty()) return;
  if (!walking_ || held_.size() + marks.size() > limits::kRetroHeldMarksMax)
    return parts_.mark(std::move(marks));
  std::ranges::move(marks, std::back_inserter(held_));
}

}  // namespace tocsin
