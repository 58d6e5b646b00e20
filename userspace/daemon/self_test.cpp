// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/self_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/proof_json.hpp"
#include "proof/proof_limits.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLookUs = 10'000;

std::uint64_t dealt_with(const SinkStatus& sink) {
  return sink.delivered + sink.absent + sink.dropped;
}

std::uint64_t given(const SinkStatus& sink) {
  return dealt_with(sink) + sink.queued;
}

bool came(std::size_t index, const ActionProof& action) {
  if (action.state == ProofState::kNotProvable) return true;
  // No indicator of the self-test set is due for a library.
  const bool enough = action.alarm || canary_action(index) == CanaryAction::kLibrary;
  return action.state == ProofState::kProved && enough;
}

}  // namespace

void SinkProof::all_given(const std::vector<SinkStatus>& now) {
  due_.clear();
  for (const auto& sink : now) due_.push_back(given(sink));
}

bool SinkProof::settled(const std::vector<SinkStatus>& now) const {
  for (std::size_t i = 0; i < now.size() && i < due_.size(); ++i)
    if (dealt_with(now[i]) < due_[i]) return false;
  return true;
}

Json SinkProof::judge(std::size_t index, const SinkStatus& now) const {
  const auto& before = before_[index];
  const auto due = due_[index];
  const auto answer = [&](std::string_view state, std::string detail) {
    return Json{{"name", now.name}, {"state", state}, {"detail", std::move(detail)}};
  };
  if (due == given(before)) return answer("nothing", "no alert was raised");
  if (now.dropped > before.dropped)
    return answer("lost", fmt::format("{} alerts were dropped", now.dropped - before.dropped));
  if (dealt_with(now) < due)
    return answer("waiting", now.health.detail.empty()
                                 ? fmt::format("{} alerts still wait", due - dealt_with(now))
                                 : now.health.detail);
  if (now.absent > before.absent) return answer("absent", now.health.detail);
  return answer("written", {});
}

Json SinkProof::verdict(const std::vector<SinkStatus>& now) const {
  Json out = Json::array();
  for (std::size_t i = 0; i < now.size() && i < before_.size() && i < due_.size(); ++i)
    out.push_back(judge(i, now[i]));
  return out;
}

bool self_test_passed(const Proof& proof, const Json& sinks) {
  const auto performed = std::ranges::count(proof.actions, true, &ActionProof::performed);
  if (!proof.trouble.empty() || performed == 0) return false;
  for (std::size_t i = 0; i < kCanaryActions; ++i)
    if (!came(i, proof.actions[i])) return false;
  return std::ranges::all_of(sinks, [](const Json& sink) {
    return sink.at("state") == "written" || sink.at("state") == "absent";
  });
}

Result<std::unique_ptr<SelfTest>> SelfTest::create(Parts parts) {
  std::unique_ptr<SelfTest> out(new SelfTest(parts));
  auto* self = out.get();
  TOCSIN_TRY(out->timer_, parts.loop.add_timer(UINT64_MAX, [self] { self->look_at_sinks(); }));
  return out;
}

void SelfTest::run(bool report, control::Done done) {
  if (done_) return done(fail(ErrorCode::kBusy, "a self-test is running already"));
  report_ = report;
  sinks_ = SinkProof(parts_.sinks.status());
  const auto begun = parts_.proof.self_test(report, [this](const Proof& proof) { proved(proof); });
  if (!begun) return done(std::unexpected(begun.error()));
  done_ = std::move(done);
}

void SelfTest::proved(const Proof& proof) {
  proof_ = proof;
  sinks_.all_given(parts_.sinks.status());
  give_up_ = parts_.clock.boot_ns() + limits::kSinkProofWaitNs;
  look_at_sinks();
}

void SelfTest::look_at_sinks() {
  if (sinks_.settled(parts_.sinks.status()) || parts_.clock.boot_ns() >= give_up_) return answer();
  timer_.rearm_us(kLookUs);
}

void SelfTest::answer() {
  // Without reports nothing was given to the sinks: nothing is said about them.
  const Json sinks = report_ ? sinks_.verdict(parts_.sinks.status()) : Json::array();
  auto done = std::exchange(done_, nullptr);
  done(Json{{"passed", self_test_passed(proof_, sinks)},
            {"reported", report_},
            {"started", static_cast<double>(proof_.started_ns) / 1e9},
            {"took_ms", static_cast<double>(proof_.took_ns) / 1e6},
            {"trouble", proof_.trouble},
            {"actions", actions_json(proof_.actions)},
            {"sinks", sinks}});
}

}  // namespace tocsin
