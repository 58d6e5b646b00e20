// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/rights_checks.hpp"

#include <unistd.h>

#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::cli;
using nlohmann::json;

namespace {

// The unit's own rights, without CAP_KILL (5), with and without CAP_NET_BIND_SERVICE (10).
constexpr const char* kUnit = "Name:\ttocsind\nCapEff:\t0000008000080404\n";
constexpr const char* kWithout = "Name:\ttocsind\nCapEff:\t0000008000080004\n";
constexpr const char* kWithKill = "Name:\ttocsind\nCapEff:\t0000008000080424\n";

json status_of(const std::vector<std::string>& rules, bool dry_run, bool answered) {
  const json action = {{"action", "dns-answer"}, {"performed", answered}, {"reason", "no network"}};
  return {{"response", {{"rules", rules}, {"dry_run", dry_run}}},
          {"self_proof", {{"last", {{"actions", json::array({action})}}}}}};
}

Check check_named(std::string_view name, const DaemonView& daemon) {
  for (auto& check : rights_checks(daemon))
    if (check.name == name) return check;
  FAIL("no check " << name);
  return {};
}

}  // namespace

TEST_CASE("the right to kill is missed only where a rule of the daemon asks for it", "[cli]") {
  const auto verdict = [](const std::vector<std::string>& rules, bool dry_run, const char* rights) {
    const auto check = check_named("CAP_KILL", {status_of(rules, dry_run, true), rights});
    CHECK((check.verdict == Verdict::kOk) == check.lost.empty());
    CHECK(check.lost.empty() == check.fix.empty());
    return check.verdict;
  };
  CHECK(verdict({"set test: kill"}, false, kUnit) == Verdict::kWarn);
  CHECK(verdict({"severity high and louder: deny until 2027-01-01"}, false, kUnit) ==
        Verdict::kWarn);
  CHECK(verdict({"set test: kill"}, false, kWithKill) == Verdict::kOk);
  CHECK(verdict({"set test: kill"}, true, kUnit) == Verdict::kOk);
  CHECK(verdict({"set test: alert"}, false, kUnit) == Verdict::kOk);
  CHECK(verdict({}, false, kUnit) == Verdict::kOk);
}

TEST_CASE("the right to port 53 is missed only when the proof could not do without", "[cli]") {
  const auto bind = [](bool answered, const char* rights) {
    return check_named("CAP_NET_BIND_SERVICE", {status_of({}, false, answered), rights});
  };
  const auto missed = bind(false, kWithout);
  CHECK(missed.verdict == Verdict::kWarn);
  CHECK(missed.detail.find("no network") != std::string::npos);
  CHECK_FALSE(missed.lost.empty());
  CHECK(bind(true, kWithout).verdict == Verdict::kOk);
  CHECK(bind(false, kUnit).verdict == Verdict::kOk);
}

TEST_CASE("without a daemon nothing is said about its rights", "[cli]") {
  for (const auto& check : rights_checks(look_at_daemon(nullptr))) {
    CHECK(check.verdict == Verdict::kOk);
    CHECK(check.detail.find("no tocsind answers") != std::string::npos);
  }
  const auto self = look_at_daemon({{"pid", ::getpid()}});
  CHECK(self.proc_status.find("CapEff:") != std::string::npos);
}
