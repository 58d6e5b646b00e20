// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/broker_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/text.hpp"
#include "fleet/server_version.hpp"

namespace tocsin::cli {
namespace {

constexpr std::chrono::milliseconds kWait{3'000};
constexpr std::size_t kAskedMax = 8;  // more are not asked: a fleet has one broker, three or five

Check check_broker(const std::string& server) {
  const auto name = printable(server, 80);
  const auto version = fleet::ask_server_version(server, kWait);
  Check check{"fleet broker", Verdict::kOk, name, "", ""};
  if (!version) {
    check.verdict = Verdict::kWarn;
    check.detail = fmt::format("{}: {}", name, version.error().message);
    check.lost = "alerts wait in the spool of tocsin-fleet when no broker can be reached";
    check.fix = "see that the broker runs and that this host may reach it";
  } else if (const auto holes = fleet::holes_of(*version)) {
    check.verdict = Verdict::kWarn;
    check.detail = fmt::format("{}: {}", name, *holes);
    check.lost = "who is in the fleet may get at more of the broker than it should";
    check.fix = "update nats-server on the broker's machine";
  } else {
    check.detail = fmt::format("{}: nats-server {}", name, *version);
  }
  return check;
}

}  // namespace

std::vector<Check> broker_checks(std::span<const std::string> servers) {
  std::vector<Check> checks;
  for (const auto& server : servers.first(std::min(servers.size(), kAskedMax)))
    checks.push_back(check_broker(server));
  return checks;
}

}  // namespace tocsin::cli
