// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/fleet_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "fleet/brokers.hpp"
#include "fleet/server_version.hpp"
#include "fleet/validity.hpp"

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

// Absent: this host is in no fleet, or this user may not read of it.
std::optional<Check> check_certificate(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (text.empty()) return std::nullopt;
  Check check{"fleet certificate", Verdict::kOk, file, "", ""};
  const auto validity = fleet::validity_of(text);
  const auto now = SystemClock().wall_ns();
  if (!validity) {
    check.verdict = Verdict::kWarn;
    check.detail = fmt::format("{}: {}", file, validity.error().message);
  } else if (const auto end = fleet::end_near(validity->until_ns, now)) {
    check.verdict = Verdict::kWarn;
    check.detail = fmt::format("{} {}", file, *end);
  } else {
    check.detail = fmt::format("{} is good until {}", file, format_time_utc(validity->until_ns));
  }
  if (check.verdict == Verdict::kOk) return check;
  check.lost = "without a certificate that is good no broker takes this host's alerts";
  const auto name = validity && !validity->name.empty() ? printable(validity->name, 80) : "NAME";
  check.fix =
      fmt::format("renew it on the operator's machine: sudo tocsin fleet enroll --renew {}", name);
  return check;
}

}  // namespace

std::vector<Check> fleet_checks(const FleetConfig& config) {
  std::vector<Check> checks;
  const auto servers = fleet::brokers_of_host(config.servers);
  for (std::size_t i = 0; i < std::min(servers.size(), kAskedMax); ++i)
    checks.push_back(check_broker(servers[i]));
  const auto file = config.certificate.empty() ? std::string(fleet::kFleetFolder) + "/host.pem"
                                               : config.certificate;
  if (auto certificate = check_certificate(file)) checks.push_back(std::move(*certificate));
  return checks;
}

}  // namespace tocsin::cli
