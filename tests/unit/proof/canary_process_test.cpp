// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The real canary, as the daemon starts it; nobody watches here.
#include "proof/canary_process.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <map>

#include "names/make_hello.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

struct Bench {
  EventLoop loop = EventLoop::create().value();
  SystemClock clock;
  std::map<CanaryAction, CanaryReport> reports;
  std::optional<CanaryProcess::End> end;
  std::unique_ptr<CanaryProcess> canary;

  explicit Bench(std::vector<CanaryAction> actions) {
    CanaryProcess::Task task;
    task.nonce = "0123456789abcdef";
    task.actions = std::move(actions);
    task.tls_hello = make_tls_hello("x.tls.alarm.tocsin.test");
    task.quic_hello = make_quic_hello("x.quic.alarm.tocsin.test", task.nonce).value();
    canary = CanaryProcess::start(loop, clock, task,
                                  {.on_report = [this](const auto& r) { reports[r.action] = r; },
                                   .on_end = [this](const auto& e) { end = e; }})
                 .value();
  }
  void turn() {
    for (int i = 0; i < 400 && !end; ++i) loop.run_once(10'000).value();
  }
};

bool is_child(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace

TEST_CASE("the canary does all it is told, says when, and ends", "[proof]") {
  std::vector<CanaryAction> all;
  for (std::size_t i = 0; i < kCanaryActions; ++i) all.push_back(canary_action(i));
  const SystemClock clock;
  const auto before = clock.boot_ns();
  Bench bench(all);
  const auto pid = bench.canary->identity().pid;
  bench.turn();
  REQUIRE(bench.end);
  CHECK(bench.end->how == "ended well");
  CHECK(bench.end->well);
  CHECK_FALSE(is_child(pid));
  for (const auto action : all) {
    INFO(to_string(action));
    REQUIRE(bench.reports.contains(action));
    const auto& report = bench.reports[action];
    // A machine may refuse one, and then it says why; these three none refuses.
    if (action == CanaryAction::kTcp || action == CanaryAction::kUdp ||
        action == CanaryAction::kExec)
      CHECK(report.did_ns != 0);
    if (report.did_ns == 0) CHECK_FALSE(report.cannot_why.empty());
    if (report.did_ns != 0) CHECK((report.did_ns >= before && report.did_ns <= clock.boot_ns()));
  }
}

TEST_CASE("only what was asked for is done", "[proof]") {
  Bench bench({CanaryAction::kUdp});
  bench.turn();
  REQUIRE(bench.end);
  CHECK(bench.end->well);
  REQUIRE(bench.reports.size() == 1);
  CHECK(bench.reports.contains(CanaryAction::kUdp));
}

TEST_CASE("a canary is known by its pid and its start", "[proof]") {
  Bench bench({CanaryAction::kUdp});
  const auto id = bench.canary->identity();
  const auto pid = static_cast<std::uint32_t>(id.pid);
  CHECK(id.is({pid, id.from}));
  CHECK(id.is({pid, id.to}));
  CHECK_FALSE(id.is({pid, id.from - 1}));
  CHECK_FALSE(id.is({pid, id.to + 1}));
  CHECK_FALSE(id.is({pid + 1, id.from}));
  CHECK_FALSE(CanaryIdentity{}.is({}));
  bench.turn();
  CHECK(bench.end);
}

TEST_CASE("a canary that is let go of is gone", "[proof]") {
  Bench bench({CanaryAction::kTcp, CanaryAction::kDnsQuestion, CanaryAction::kExec});
  const auto pid = bench.canary->identity().pid;
  CHECK(is_child(pid));
  bench.canary.reset();
  CHECK_FALSE(is_child(pid));
  CHECK_FALSE(bench.end);
}
