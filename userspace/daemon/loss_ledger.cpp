// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/loss_ledger.hpp"

namespace tocsin {
namespace {

constexpr WallNs kKeptNs = 24 * 60 * kMinuteNs;

}  // namespace

void LossLedger::add(const LossEvent& loss) {
  if (loss.count == 0) return;
  totals_[loss.stage] += loss.count;
  const WallNs start = loss.time_ns - loss.time_ns % kMinuteNs;
  if (minutes_.empty() || minutes_.back().start_ns < start) minutes_.push_back({start, {}});
  minutes_.back().lost[loss.stage] += loss.count;
  while (minutes_.front().start_ns + kKeptNs < start) minutes_.pop_front();
}

LossState LossLedger::since(WallNs since_ns) const {
  LossState out;
  out.since_ns = since_ns;
  std::map<std::string, std::uint64_t> sum;
  for (auto minute = minutes_.rbegin(); minute != minutes_.rend(); ++minute) {
    if (minute->start_ns + kMinuteNs <= since_ns) break;
    for (const auto& [stage, count] : minute->lost) sum[stage] += count;
  }
  for (const auto& [stage, count] : sum) out.lost.push_back({since_ns, stage, count});
  return out;
}

}  // namespace tocsin
