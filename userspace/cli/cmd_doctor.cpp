// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "capture/bpf_source.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/doctor_checks.hpp"
#include "cli/fleet_checks.hpp"
#include "cli/rights_checks.hpp"
#include "daemon/config.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kTrialRingBytes = 64 * 1024;

// Loads and attaches every hook for a moment, as the daemon does: nothing else tells what this
// kernel really takes.
std::vector<Check> try_hooks() {
  BpfSource::Options options;
  options.ring_bytes = kTrialRingBytes;
  options.response.content = true;
  const auto source = BpfSource::open(options);
  if (source) {
    auto checks = hook_checks((*source)->hooks());
    std::ranges::move(response_checks((*source)->hooks()), std::back_inserter(checks));
    return checks;
  }
  Check check{"hooks", Verdict::kFail, source.error().message, "no event is seen",
              "the lines above name what this host lacks"};
  if (source.error().code == ErrorCode::kPermission) {
    check.verdict = Verdict::kWarn;
    check.lost = "";
    check.fix = "sudo tocsin doctor";
  }
  return {check};
}

void show(const Context& context, const Check& check) {
  static constexpr Tone kTones[] = {Tone::kGood, Tone::kWarn, Tone::kBad};
  context.out.document({{"check", check.name},
                        {"verdict", to_string(check.verdict)},
                        {"detail", check.detail},
                        {"lost", check.lost},
                        {"fix", check.fix},
                        {"docs", place_in_docs(check)}});
  context.out.line(fmt::format("{} {:<20} {}",
                               context.out.paint(kTones[static_cast<std::size_t>(check.verdict)],
                                                 fmt::format("{:<4}", to_string(check.verdict))),
                               check.name, printable(check.detail)));
  if (!check.lost.empty()) context.out.line(fmt::format("{:25} lost: {}", "", check.lost));
  if (!check.fix.empty()) context.out.line(fmt::format("{:25} to do: {}", "", check.fix));
  if (check.verdict != Verdict::kOk)
    context.out.line(fmt::format("{:25} more: {}", "", place_in_docs(check)));
}

int run_doctor(Context& context) {
  // Faults of the configuration are the business of "config check".
  const auto root = load_config({}).config.host.root;
  auto host = look_at_host();
  auto client = reach_daemon(context);
  host.answered = client || client.error().code == ErrorCode::kPermission;
  const auto status = client ? client->ask("status").value_or(nullptr) : nlohmann::json();
  auto checks = host_checks(host);
  std::ranges::move(rights_checks(look_at_daemon(status)), std::back_inserter(checks));
  std::ranges::move(package_checks(read_packages(root)), std::back_inserter(checks));
  if (host.root) {
    std::ranges::move(try_hooks(), std::back_inserter(checks));
  } else {
    checks.push_back({"hooks", Verdict::kWarn, "not tried: this user may not load programs", "",
                      "sudo tocsin doctor"});
  }
  // Faults of the configuration are the business of "config check".
  std::ranges::move(fleet_checks(load_config({}).config.fleet), std::back_inserter(checks));
  for (const auto& check : checks) show(context, check);
  const auto count = [&](Verdict verdict) {
    return std::ranges::count(checks, verdict, &Check::verdict);
  };
  const auto failed = count(Verdict::kFail), warned = count(Verdict::kWarn);
  context.out.line(
      fmt::format("{} checks: {} failed, {} with a warning", checks.size(), failed, warned));
  return failed > 0 ? kFound : kDone;
}

}  // namespace

Runner declare_doctor(CLI::App&) {
  return run_doctor;
}

}  // namespace tocsin::cli
