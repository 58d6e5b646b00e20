// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// How many of simulated malicious programs the beacon engine finds, after how many check-ins, and
// how often it is wrong about honest hosts: the simulator and the replay over many seeds, as the
// tables of docs/beacon-accuracy.md.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <CLI/CLI.hpp>

#include "beacon/timing.hpp"
#include "daemon/beacon_keeper.hpp"
#include "support/sim_score.hpp"
#include "support/temp_dir.hpp"

using namespace tocsin;
using namespace tocsin::test::sim;

namespace {

struct Arguments {
  std::uint64_t first_seed = 1, seeds = 300, benign_seeds = 6;
  double days = 5;
  bool wide = false, verbose = false;
  std::string table;
};

// ---- Subjects and hosts

struct ClassCount {
  int subjects = 0, with_shell = 0;
  std::array<int, 4> reached{};        // at least this level
  std::array<int, 4> shell_reached{};  // of those with a shell
  std::vector<int> episodes;           // at the first alert
  void add(const Verdict& v) {
    ++subjects;
    with_shell += v.truth.shell ? 1 : 0;
    for (std::size_t level = 1; level <= static_cast<std::size_t>(v.reached); ++level) {
      ++reached[level];
      if (v.truth.shell) ++shell_reached[level];
    }
    if (v.episodes_to_alert != 0) episodes.push_back(v.episodes_to_alert);
  }
};

struct HostCount {
  double days = 0;
  int alerts = 0, notices = 0;
  void add(const HostVerdict& v) {
    days += v.days;
    alerts += v.false_alerts;
    notices += v.false_notices;
  }
};

struct Totals {
  std::map<std::string, ClassCount> classes;
  std::map<std::string, HostCount> hosts;
  double seconds = 0;
  std::size_t events = 0;
};

std::string percent(int part, int whole) {
  return whole == 0 ? "" : fmt::format("{:.0f} %", 100.0 * part / whole);
}

std::string median(std::vector<int> values) {
  if (values.empty()) return "";
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return std::to_string(*middle);
}

std::string row(const std::string& name, const ClassCount& c) {
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", name, c.subjects,
                     percent(c.reached[1], c.subjects), percent(c.reached[2], c.subjects),
                     percent(c.reached[3], c.subjects), c.with_shell,
                     percent(c.shell_reached[2], c.with_shell),
                     percent(c.shell_reached[3], c.with_shell), median(c.episodes));
}

// Other authors' parameters: wider than what the weights were looked at with.
PlanOptions wider(std::uint64_t seed) {
  Random random(seed ^ 0x5eedULL);
  PlanOptions out;
  out.interval_s = random.log_between(5, 8 * kHour);
  out.jitter = random.between(0, 0.9);
  out.shell_after = random.whole(1, 25);
  out.lost = random.chance(0.4) ? random.between(0, 0.4) : 0;
  out.burst = random.chance(0.3) ? random.between(1, 25) : 0;
  return out;
}

void tell_miss(const Verdict& v, const Plan& plan) {
  fmt::print(stderr, "miss {} {} shell={} at {} ({} of {}), B {:.2f}, {}\n", v.truth.host,
             v.truth.kind, v.truth.shell, plan.stdio, plan.shell_after, v.truth.timing,
             v.best_beacon, to_string(v.reached));
}

void count_malicious(const Arguments& a, const BeaconOptions& options, Totals& totals) {
  const test::TempDir dir;
  for (auto seed = a.first_seed; seed < a.first_seed + a.seeds; ++seed) {
    const auto plan_options = a.wide ? wider(seed) : PlanOptions{};
    auto host = malicious_host(seed, plan_options);
    const auto verdict = judge(host, host.truths(), dir.path() / "host.jsonl", options);
    Random random(seed * 2 + 1);
    for (const auto& v : verdict.subjects) {
      totals.classes[v.truth.kind].add(v);
      if (a.verbose && v.truth.shell && v.reached < BeaconLevel::kAlert)
        tell_miss(v, drawn_plan(plan_options, random));
    }
    totals.hosts["beside malicious ones"].add(verdict);
    if (a.verbose)
      for (const auto& line : verdict.false_rows) fmt::print(stderr, "false {}\n", line);
    totals.seconds += verdict.seconds;
    totals.events += verdict.events;
  }
}

void count_benign(const Arguments& a, const BeaconOptions& options, Totals& totals) {
  const test::TempDir dir;
  for (const auto kind : benign_kinds())
    for (auto seed = a.first_seed; seed < a.first_seed + a.benign_seeds; ++seed) {
      auto host = benign_host(seed, kind, a.days);
      const auto verdict = judge(host, host.truths(), dir.path() / "host.jsonl", options);
      totals.hosts[std::string(kind)].add(verdict);
      if (a.verbose)
        for (const auto& line : verdict.false_rows) fmt::print(stderr, "false {}\n", line);
      totals.seconds += verdict.seconds;
      totals.events += verdict.events;
    }
}

std::string population_tables(const Totals& totals) {
  std::string out =
      "| malicious subject | cases | notice | alert | critical | with a shell | of these alert | "
      "critical | check-ins to alert, median |\n|---|---|---|---|---|---|---|---|---|\n";
  ClassCount unowned;
  for (const auto& [name, count] : totals.classes) {
    out += row(name, count);
    if (name == kVendorKind) continue;
    unowned.subjects += count.subjects;
    unowned.with_shell += count.with_shell;
    for (std::size_t i = 0; i < 4; ++i)
      unowned.reached[i] += count.reached[i], unowned.shell_reached[i] += count.shell_reached[i];
    unowned.episodes.insert(unowned.episodes.end(), count.episodes.begin(), count.episodes.end());
  }
  out += row("**all that no package owns**", unowned);
  out +=
      "\n| honest hosts | host-days | false alerts a day | false notices a day "
      "|\n|---|---|---|---|\n";
  HostCount all;
  const auto line = [&](const std::string& name, const HostCount& c) {
    out += fmt::format("| {} | {:.0f} | {:.3f} | {:.3f} |\n", name, c.days, c.alerts / c.days,
                       c.notices / c.days);
  };
  for (const auto& [name, count] : totals.hosts) {
    line(name, count);
    if (name.starts_with("beside")) continue;
    all.days += count.days, all.alerts += count.alerts, all.notices += count.notices;
  }
  line("**all honest hosts**", all);
  out += fmt::format("\nReplay: {:.2f} s per million events ({} events).\n",
                     totals.seconds * 1e6 / static_cast<double>(totals.events), totals.events);
  return out;
}

// ---- Timing alone

struct TimingCase {
  const char* name;
  int contacts;
  double (*gap)(Random&);
};

double weibull(Random& r, double shape) {
  return 300 * std::pow(r.exponential(1), 1 / shape);
}

constexpr TimingCase kTimingCases[] = {
    {"exact, 60 s", 200, [](Random&) { return 60.0; }},
    {"exact, 50 min", 60, [](Random&) { return 3'000.0; }},
    {"Cobalt Strike 20 %", 200, [](Random& r) { return r.between(240, 300); }},
    {"Cobalt Strike 50 %", 200, [](Random& r) { return r.between(150, 300); }},
    {"Cobalt Strike 90 %", 200, [](Random& r) { return r.between(30, 300); }},
    {"± 30 %", 200, [](Random& r) { return r.between(210, 390); }},
    {"± 50 %", 200, [](Random& r) { return r.between(150, 450); }},
    {"± 80 %", 200, [](Random& r) { return r.between(60, 540); }},
    {"± 30 %, every 6 h", 60, [](Random& r) { return r.between(0.7, 1.3) * 21'600; }},
    {"± 20 %, three of ten lost", 200,
     [](Random& r) {
       double sum = r.between(240, 360);
       while (r.chance(0.3)) sum += r.between(240, 360);
       return sum;
     }},
    {"hourly, bursts of 2 to 20", 400,
     [](Random& r) { return r.chance(1.0 / 11) ? 3'600 : r.exponential(1); }},
    {"null: Poisson", 1'000, [](Random& r) { return r.exponential(300); }},
    {"null: Weibull 0.6", 1'000, [](Random& r) { return weibull(r, 0.6); }},
    {"null: log-normal 1", 1'000, [](Random& r) { return 300 * std::exp(r.normal()); }},
    {"null: log-normal 0.7", 1'000, [](Random& r) { return 300 * std::exp(0.7 * r.normal()); }},
    {"null: bursty pages", 1'500,
     [](Random& r) { return r.chance(0.85) ? r.exponential(0.5) : r.exponential(400); }},
};

std::string timing_table(std::uint64_t first_seed) {
  constexpr int kSeries = 300;
  std::string out = "| contacts alone | B >= 0.5 | after, median episodes |\n|---|---|---|\n";
  for (const auto& c : kTimingCases) {
    int found = 0;
    std::vector<int> after;
    for (int series = 0; series < kSeries; ++series) {
      Random random(first_seed * 1'000 + static_cast<std::uint64_t>(series));
      BeaconTiming timing;
      double at = 1.75e9;
      for (int i = 0; i < c.contacts; ++i, at += c.gap(random)) {
        timing.on_contact(static_cast<WallNs>(at * 1e9));
        const auto score = timing.score();
        if (score.beacon < 0.5) continue;
        ++found;
        after.push_back(static_cast<int>(score.episodes));
        break;
      }
    }
    out += fmt::format("| {} | {:.1f} % | {} |\n", c.name, 100.0 * found / kSeries, median(after));
  }
  return out;
}

// ---- The page

constexpr std::string_view kBegin = "<!-- begin of figures -->\n", kEnd = "<!-- end of figures -->";

bool put_into(const std::string& path, const std::string& figures) {
  std::ifstream in(path, std::ios::binary);
  std::string page{std::istreambuf_iterator<char>(in), {}};
  const auto begin = page.find(kBegin), end = page.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    fmt::print(stderr, "{} has no place for the figures\n", path);
    return false;
  }
  const auto from = begin + kBegin.size();
  page.replace(from, end - from, figures);
  std::ofstream out(path, std::ios::binary);
  out << page;
  out.flush();
  return static_cast<bool>(out);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app("Detection and false alarms on simulated populations, as tables.");
  app.add_option("--first-seed", a.first_seed, "Seeds 1 to 9999 served to choose weights");
  app.add_option("--seeds", a.seeds, "Malicious hosts");
  app.add_option("--benign-seeds", a.benign_seeds, "Honest hosts of each kind");
  app.add_option("--days", a.days, "Of each honest host");
  app.add_flag("--wide", a.wide, "Parameters from wider ranges, which served nothing before");
  app.add_flag("--verbose", a.verbose, "Tell each miss and each false row on stderr");
  app.add_option("--table", a.table, "Page whose figures are replaced (default: print)");
  CLI11_PARSE(app, argc, argv);
  const auto guards = Warninglists::of_host("");
  BeaconOptions options;
  options.classify = [&](const std::string& name) {
    return classify_destination(guards, {}, name);
  };
  Totals totals;
  count_malicious(a, options, totals);
  count_benign(a, options, totals);
  const auto figures = population_tables(totals) + "\n" + timing_table(a.first_seed);
  if (!a.table.empty()) return put_into(a.table, figures) ? 0 : 2;
  fmt::print("{}", figures);
  return 0;
}
