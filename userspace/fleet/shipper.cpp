// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/shipper.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {
namespace {

// What comes in this time goes to the disk together.
constexpr std::uint64_t kGatherUs = 20'000;
constexpr std::uint64_t kWaitLeastUs = 250'000;
constexpr std::uint64_t kWaitMostUs = 30'000'000;
constexpr std::uint64_t kSpoolAgainUs = 1'000'000;
constexpr std::size_t kWindowLeast = 8;

}  // namespace

Result<void> Shipper::start() {
  window_ = limits::kPublishWindowMax;
  TOCSIN_TRY(publisher_, Publisher::open(context_.connection,
                                         [this](const auto& outcome) { on_outcome(outcome); }));
  TOCSIN_TRY(timer_, context_.loop.add_timer(UINT64_MAX, [this] {
    scheduled_ = false;
    work();
  }));
  return {};
}

void Shipper::connected(bool up) {
  up_ = up;
  if (up) poke();
}

void Shipper::poke() {
  if (scheduled_) return;
  scheduled_ = true;
  timer_.set_enabled(true);
  timer_.rearm_us(kGatherUs);
}

void Shipper::work() {
  // What has arrived makes room, also when nothing new can be kept.
  auto kept = spool_.commit();
  const auto forgotten = forget();
  if (kept) kept = forgotten;
  if (!kept && !std::exchange(spool_fails_, true))
    spdlog::error("spool: {}: tried again until it works", kept.error().message);
  if (!kept) {
    scheduled_ = true;
    timer_.set_enabled(true);
    timer_.rearm_us(kSpoolAgainUs);
  } else if (std::exchange(spool_fails_, false)) {
    spdlog::info("spool: writes again");
  }
  if (!forgotten) return;
  if (held_back_ && publisher_->in_flight() == 0) {
    // The oldest that is left is the next: what was refused keeps its place.
    held_back_ = false;
    sent_ = 0;
  }
  send();
}

Result<void> Shipper::forget() {
  TOCSIN_TRY_VOID(spool_.remove({arrived_.begin(), arrived_.end()}));
  arrived_.clear();
  return {};
}

void Shipper::send() {
  while (up_ && !held_back_ && publisher_->in_flight() < window_) {
    const auto items = spool_.after(sent_, window_ - publisher_->in_flight());
    if (!items) return spdlog::error("spool: {}", items.error().message);
    if (items->empty()) return;
    for (const auto& item : *items) {
      const auto sent =
          publisher_->publish(item.place, context_.subjects.up(context_.host, item.kind), item.data,
                              fmt::format("{}:{}", context_.host, item.id));
      sent_ = item.place;
      if (sent) continue;
      if (sent.error().code != ErrorCode::kLimit) return slow_down(sent.error().message);
      // It never will: the rest must not wait for it.
      spdlog::error("{} is too long for the broker and is dropped", item.id);
      ++counts_.too_long;
      arrived_.insert(item.place);
      poke();
    }
  }
}

void Shipper::on_outcome(const Publisher::Outcome& outcome) {
  if (!outcome.stored) {
    ++counts_.refused;
    return slow_down(outcome.why);
  }
  ++counts_.stored;
  if (outcome.duplicate) ++counts_.duplicates;
  arrived_.insert(outcome.tag);
  if (!held_back_) {
    wait_us_ = 0;
    window_ = std::min(window_ + 1, limits::kPublishWindowMax);
  }
  poke();
}

void Shipper::slow_down(const std::string& why) {
  window_ = kWindowLeast;
  if (held_back_) {  // one of many that were on their way
    if (publisher_->in_flight() == 0 && !scheduled_) poke();
    return;
  }
  held_back_ = true;
  wait_us_ = std::clamp(wait_us_ * 2, kWaitLeastUs, kWaitMostUs);
  // The first of a series; the others are in the beat's count.
  spdlog::log(wait_us_ == kWaitLeastUs ? spdlog::level::warn : spdlog::level::debug,
              "the broker took nothing ({}): again in {:.2f} s at most", why,
              static_cast<double>(wait_us_) / 1e6);
  scheduled_ = true;
  timer_.set_enabled(true);
  timer_.rearm_us(std::uniform_int_distribution<std::uint64_t>(wait_us_ / 2, wait_us_)(random_));
}

void Shipper::describe(nlohmann::json& beat) const {
  const auto& state = spool_.state();
  nlohmann::json dropped = nlohmann::json::object();
  for (std::size_t i = 0; i < kKinds; ++i)
    if (state.dropped[i] != 0)
      dropped[std::string(to_string(static_cast<Kind>(i)))] = state.dropped[i];
  beat["spool"] = {{"items", state.items},
                   {"bytes", state.bytes},
                   {"bytes_max", context_.config.fleet.spool_max_bytes},
                   {"dropped", std::move(dropped)},
                   {"stored", counts_.stored},
                   {"refused", counts_.refused},
                   {"too_long", counts_.too_long},
                   {"duplicates", counts_.duplicates}};
  if (state.dropped_ns != 0) beat["spool"]["dropped_at"] = state.dropped_ns / kNsPerSecond;
}

}  // namespace tocsin::fleet
