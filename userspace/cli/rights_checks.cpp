// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/rights_checks.hpp"

#include <fmt/format.h>
#include <linux/capability.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "canary/action.hpp"

namespace tocsin::cli {
namespace {

using Json = nlohmann::json;

constexpr auto kNobody = "not looked at: no tocsind answers";

// Whether a rule kills where it cannot refuse: "set test: kill", "severity high and louder: deny".
bool rules_kill(const Json& response) {
  if (response.value("dry_run", false)) return false;
  const auto rules = response.value("rules", Json::array());
  return std::ranges::any_of(rules, [](const Json& rule) {
    const auto text = rule.get<std::string>();
    return text.find(": kill") != std::string::npos || text.find(": deny") != std::string::npos;
  });
}

Check check_kill(const DaemonView& daemon) {
  Check check{"CAP_KILL", Verdict::kOk, "kills processes of other users for the response", "", ""};
  if (daemon.status.is_null() || daemon.proc_status.empty()) {
    check.detail += fmt::format("; {}", kNobody);
  } else if (!rules_kill(daemon.status.value("response", Json::object()))) {
    check.detail += "; no rule of the daemon asks for it";
  } else if (!has_capability(daemon.proc_status, CAP_KILL)) {
    check.verdict = Verdict::kWarn;
    check.detail += "; its rules ask for it, and the daemon does not have it";
    check.lost =
        "what is listed and runs for the first time is not killed: only a known file is, as it is "
        "executed or mapped";
    check.fix = "the drop-in response.conf for the unit: docs/response.md#rights";
  }
  return check;
}

// Why the last self-proof could not do it; empty: it did, or there was none.
std::string unproved_answer(const Json& proof) {
  const auto last = proof.value("last", Json());
  if (!last.is_object()) return {};
  for (const auto& action : last.value("actions", Json::array()))
    if (action.value("action", "") == to_string(CanaryAction::kDnsAnswer) &&
        !action.value("performed", true))
      return action.value("reason", "the reason is not known");
  return {};
}

Check check_bind(const DaemonView& daemon) {
  Check check{"CAP_NET_BIND_SERVICE", Verdict::kOk,
              "lets the self-proof serve a DNS answer, where it gets no network of its own", "",
              ""};
  if (daemon.status.is_null()) {
    check.detail += fmt::format("; {}", kNobody);
    return check;
  }
  const auto why = unproved_answer(daemon.status.value("self_proof", Json::object()));
  if (why.empty() || has_capability(daemon.proc_status, CAP_NET_BIND_SERVICE)) return check;
  check.verdict = Verdict::kWarn;
  check.detail += fmt::format("; neither was to be had: {}", why);
  check.lost = "whether names in DNS answers are seen is not proved";
  check.fix = "give the unit CAP_NET_BIND_SERVICE, as packaged: docs/self-proof.md";
  return check;
}

}  // namespace

DaemonView look_at_daemon(const Json& status) {
  DaemonView out{status, {}};
  if (!status.is_object()) return out;
  std::ifstream in(fmt::format("/proc/{}/status", status.value("pid", 0)));
  out.proc_status = {std::istreambuf_iterator<char>(in), {}};
  return out;
}

std::vector<Check> rights_checks(const DaemonView& daemon) {
  return {check_kill(daemon), check_bind(daemon)};
}

}  // namespace tocsin::cli
