// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Writes the event JSON lines of one simulated host, and what is true of its programs, for
// `tocsin replay FILE --print beacons`. The same arguments give the same bytes.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>

#include <CLI/CLI.hpp>

#include "support/sim_score.hpp"

using namespace tocsin::test::sim;

namespace {

struct Arguments {
  std::uint64_t seed = 1;
  std::string out, labels, benign;
  double days = 3;
  bool list = false;
  PlanOptions plan;
};

void declare(CLI::App& app, Arguments& a) {
  app.add_option("-o,--out", a.out, "Event JSON lines (default: standard output)");
  app.add_option("--labels", a.labels, "Truth of each subject, JSON lines");
  app.add_option("--seed", a.seed, "Of everything that is drawn (default 1)");
  app.add_option("--benign", a.benign, "An honest host of this kind, nothing malicious");
  app.add_option("--days", a.days, "Length of an honest host's recording (default 3)")
      ->check(CLI::Range(0.1, 60.0));
  app.add_flag("--list", a.list, "Print the kinds of both and stop");
  auto& p = a.plan;
  app.add_option("--kind", p.kind, "Kind of the malicious subject");
  app.add_option("--interval", p.interval_s, "Seconds between check-ins");
  app.add_option("--jitter-model", p.jitter_model, "none, one-sided (Cobalt Strike), symmetric")
      ->check(CLI::IsMember({"none", "one-sided", "symmetric"}));
  app.add_option("--jitter", p.jitter, "0 to 1")->check(CLI::Range(0.0, 1.0));
  app.add_option("--lost", p.lost, "Share of check-ins that never happen");
  app.add_option("--failing", p.failing, "Share of check-ins that fail");
  app.add_option("--retries", p.retries, "Attempts after a failed one");
  app.add_option("--burst", p.burst, "Mean number of further contacts at one check-in in three");
  app.add_option("--office-hours", p.office_hours, "Calls between 8 and 18 h only (true, false)");
  app.add_option("--nap", p.nap_s, "One sleep after the fourth check-in, seconds");
  app.add_option("--dormant", p.dormant_s, "First run or update to first call, seconds");
  app.add_option("--count", p.count, "Check-ins");
  app.add_option("--destinations", p.destinations, "Names that are rotated")
      ->check(CLI::Range(1, 64));
  app.add_option("--addresses", p.addresses, "Addresses behind each name")
      ->check(CLI::Range(1, 64));
  app.add_option("--channel", p.channel, "tls, dns, long, shared, address")
      ->check(CLI::IsMember({"tls", "dns", "long", "shared", "address"}));
  app.add_option("--shell", p.shell, "An operator's shell follows (true, false)");
  app.add_option("--shell-after", p.shell_after, "Check-ins before it");
  app.add_option("--stdin", p.stdio, "Of the shell: socket, pty")
      ->check(CLI::IsMember({"socket", "pty"}));
  app.add_option("--recon", p.recon, "It looks around (true, false)");
  app.add_option("--dropped", p.dropped, "It brings and runs a file (true, false)");
}

bool known(const std::vector<std::string_view>& kinds, const std::string& name) {
  return std::find(kinds.begin(), kinds.end(), name) != kinds.end();
}

bool write(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.flush();
  if (!out) fmt::print(stderr, "cannot write {}\n", path);
  return static_cast<bool>(out);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app(
      "Event lines of one simulated host. Without --benign it carries a malicious program;\n"
      "what no option sets is drawn from the seed.\n"
      "Example: bench_beacon_sim --kind vendor-update --jitter 0.3 -o host.jsonl");
  declare(app, a);
  CLI11_PARSE(app, argc, argv);
  if (a.list) {
    for (const auto kind : malicious_kinds()) fmt::print("malicious {}\n", kind);
    for (const auto kind : benign_kinds()) fmt::print("benign {}\n", kind);
    return 0;
  }
  if ((!a.benign.empty() && !known(benign_kinds(), a.benign)) ||
      (a.plan.kind && !known(malicious_kinds(), *a.plan.kind))) {
    fmt::print(stderr, "there is no such kind; --list names them\n");
    return 2;
  }
  auto host =
      a.benign.empty() ? malicious_host(a.seed, a.plan) : benign_host(a.seed, a.benign, a.days);
  const auto lines = host.lines();
  if (a.out.empty())
    std::fwrite(lines.data(), 1, lines.size(), stdout);
  else if (!write(a.out, lines))
    return 2;
  std::string labels;
  for (const auto& truth : host.truths()) labels += to_json(truth).dump() + '\n';
  return a.labels.empty() || write(a.labels, labels) ? 0 : 2;
}
