// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the daemon costs and what it misses under real storms; bench/README.md has the method.
// Starts the daemon itself. Usage: bench_storm [--quick] [TOCSIND]
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "load.hpp"
#include "subject.hpp"
#include "support/payload.hpp"

using namespace tocsin;
using namespace tocsin::bench;

namespace {

struct Options {
  std::string program;
  std::size_t execs = 20'000, connects = 20'000, files = 2'000, paced_s = 5, rounds = 5;
};

// One printed figure; bars below zero are not printed, smaller is better.
struct Figure {
  std::string name;
  double value;
  std::string unit;
  double must = -1, aim = -1;
};

int missed_bars = 0;

void print(const Figure& f) {
  std::string verdict;
  if (f.must >= 0) {
    const bool held = f.value <= f.must;
    missed_bars += held ? 0 : 1;
    const char* word = f.value <= f.aim ? "aim reached" : held ? "must reached" : "MISSED";
    verdict = fmt::format("must {:g}, aim {:g}: {}", f.must, f.aim, word);
  }
  fmt::print("  {:<46} {:>12.4g} {:<10} {}\n", f.name, f.value, f.unit, verdict);
}

void title(std::string_view text) {
  fmt::print("\n{}\n", text);
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

double per_thousand(double total, std::size_t count) {
  return total * 1000 / static_cast<double>(count);
}

double each_us(std::uint64_t total_ns, std::uint64_t count) {
  return count == 0 ? 0 : static_cast<double>(total_ns) / static_cast<double>(count) / 1000;
}

struct Bars {
  double cpu_must = -1, cpu_aim = -1;
};

// What every exec load reports. Other programs of the machine run meanwhile: the daemon's costs are
// divided by all execs that it saw.
void print_execs(const Timings& t, const Spent& s, Bars bars) {
  const std::size_t count = t.ns.size();
  print({"execs", static_cast<double>(count), ""});
  print({"rate", t.per_second(), "1/s"});
  print({"p50 of one exec, started to reaped", t.quantile_us(0.5), "us"});
  print({"lost", static_cast<double>(s.lost), "", 0, 0});
  const auto unseen = count > s.exec ? count - s.exec : 0;
  print({"execs that no event told of", static_cast<double>(unseen), "", 0, 0});
  const double coverage = share(std::min(s.hashed, s.executions), s.executions);
  print({"without a digest", 100 - coverage, "%", 0.1, 0.1});
  for (const auto& [reason, misses] : s.misses)
    print({"  because " + reason, static_cast<double>(misses), ""});
  print({"daemon CPU per 1,000", per_thousand(s.cpu_s, s.exec), "s", bars.cpu_must, bars.cpu_aim});
  if (s.process_bpf_ns > 0 && bars.cpu_must >= 0)
    print({"BPF time per exec (fork, exec, exit)", each_us(s.process_bpf_ns, s.exec), "us", 6, 3});
}

std::string victim() {
  return std::string(TOCSIN_BIN_DIR) + "/../actions/storm_victim";
}

void storms(const Options& options, Subject& subject) {
  Timings t;
  title("exec storm, one loop on one processor, one file");
  Spent s = subject.during([&] { t = exec_loop(victim(), options.execs, 0); });
  print_execs(t, s, {0.04, 0.015});

  title("exec storm, one loop a processor, one file");
  s = subject.during([&] { t = exec_all_processors(victim(), options.execs); });
  print_execs(t, s, {0.04, 0.015});

  title("paced: 1,000 execs a second, one file");
  const std::string path = victim();
  s = subject.during(
      [&] { t = exec_paced([&](std::size_t) { return path; }, options.paced_s * 1000, 1000); });
  print_execs(t, s, {0.07, 0.025});
}

void fresh_files(const Options& options, Subject& subject, const test::TempDir& dir) {
  Timings t;
  title("fresh files of 5 KiB that stay on disk");
  auto files = make_distinct(victim(), dir.path(), "kept", options.files);
  Spent s = subject.during([&] { t = exec_each(files, 0); });
  print_execs(t, s, {});

  for (const auto& [size, must, aim] : {std::tuple{65'536, 0.14, 0.1}, {1 << 20, 1.1, 0.95}}) {
    title(fmt::format("fresh files of {} KiB that stay on disk", size / 1024));
    const std::size_t count = options.files / 4;
    files = make_distinct(victim(), dir.path(), fmt::format("f{}-", size), count);
    for (const std::string& file : files)
      if (::truncate(file.c_str(), size) != 0) throw std::runtime_error("truncate " + file);
    s = subject.during([&] { t = exec_each(files, 0); });
    print_execs(t, s, {});
    print({"daemon CPU per file", per_thousand(s.cpu_s, s.exec), "ms", must, aim});
  }

  title("fresh files removed at the moment of their exec (counted apart: no bar)");
  files = make_distinct(victim(), dir.path(), "gone", options.files);
  s = subject.during([&] { t = exec_and_unlink(files, 0); });
  print({"execs", static_cast<double>(t.ns.size()), ""});
  const auto others = s.exec > t.ns.size() ? s.exec - t.ns.size() : 0;  // not ours, not removed
  const auto caught = s.hashed > others ? s.hashed - others : 0;
  print({"caught: with a digest", share(caught, t.ns.size()), "%"});
  for (const auto& [reason, misses] : s.misses)
    print({"  missed because " + reason, static_cast<double>(misses), ""});
  print({"lost", static_cast<double>(s.lost), "", 0, 0});
}

void connects(const Options& options, Subject& subject) {
  Timings t;
  title("TCP connects on loopback, one loop on one processor");
  const Spent s = subject.during([&] { t = connect_loop(options.connects, 0); });
  const std::size_t count = t.ns.size();
  print({"connects", static_cast<double>(count), ""});
  print({"rate", t.per_second(), "1/s"});
  print({"lost", static_cast<double>(s.lost), "", 0, 0});
  const auto unseen = count > s.connect ? count - s.connect : 0;
  print({"connects that no event told of", static_cast<double>(unseen), "", 0, 0});
  print({"daemon CPU per 1,000", per_thousand(s.cpu_s, s.connect), "s", 0.006, 0.002});
  if (s.network_bpf_ns > 0)
    print({"BPF time per connect (all hooks)", each_us(s.network_bpf_ns, s.connect), "us", 2, 1.5});
}

std::int64_t wall_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

// Each file is an indicator of its own, so that no alert is folded into another.
void latency(const Options& options) {
  title("from exec to the alert's line in the file, 200 a second, fresh files");
  test::TempDir dir;
  const std::size_t count = options.files / 4;
  const auto files = make_distinct(victim(), dir.path(), "listed", count);
  std::vector<std::string> lines;
  for (const std::string& file : files) lines.push_back("sha256," + test::sha256_of(file));
  Subject subject(options.program, test::indicator_file(lines), nullptr);
  std::vector<std::int64_t> started(count), seen;
  std::jthread load([&] {
    exec_paced(
        [&](std::size_t i) {
          started[i] = wall_ns();
          return files[i];
        },
        count, 200);
  });
  const auto deadline = wall_ns() + 30'000'000'000;
  while (seen.size() < count && wall_ns() < deadline) {
    const std::size_t lines_now = subject.daemon().alerts().size();
    const auto now = wall_ns();
    while (seen.size() < lines_now) seen.push_back(now);
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  load.join();
  Timings t;
  for (std::size_t i = 0; i < std::min(seen.size(), count); ++i)
    t.ns.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(0, seen[i] - started[i])));
  print({"alerts missing", static_cast<double>(count - std::min(count, seen.size())), "", 0, 0});
  print({"p50", t.quantile_us(0.5) / 1000, "ms", 1.4, 0.3});
  print({"p99", t.quantile_us(0.99) / 1000, "ms", 4.4, 2});
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

// The same load with the daemon and without, A B and B A in turn; the ratio is taken inside a
// round.
void slowdown(const Options& options) {
  title(fmt::format("slowdown: p50 with the daemon / without, pinned, {} rounds", options.rounds));
  test::TempDir dir;
  struct Ratio {
    std::string name;
    double must, aim;
    std::function<Timings()> load;
    std::vector<double> ratios{};
  };
  std::size_t fresh = 0;
  std::vector<Ratio> all = {
      {"exec storm", 1.15, 1.08, [&] { return exec_loop(victim(), options.execs / 4, 0); }},
      {"connect", 1.15, 1.1, [&] { return connect_loop(options.connects / 4, 0); }},
      {"exec of fresh 1 MiB files", 1.3, 1.15,
       [&] {
         const auto files = make_distinct(victim(), dir.path(), fmt::format("r{}-", fresh++), 200);
         for (const std::string& f : files) std::filesystem::resize_file(f, 1 << 20);
         auto t = exec_each(files, 0);
         for (const std::string& f : files) ::unlink(f.c_str());
         return t;
       }},
  };
  const auto measure = [&](bool with_daemon) {
    std::optional<Subject> subject;
    if (with_daemon) subject.emplace(options.program, test::indicator_file({}), nullptr);
    std::vector<double> p50;
    for (Ratio& r : all) p50.push_back(r.load().quantile_us(0.5));
    return p50;
  };
  for (std::size_t round = 0; round < options.rounds; ++round) {
    const bool daemon_first = round % 2 == 1;
    const auto first = measure(daemon_first), second = measure(!daemon_first);
    const auto &with = daemon_first ? first : second, &without = daemon_first ? second : first;
    for (std::size_t i = 0; i < all.size(); ++i) all[i].ratios.push_back(with[i] / without[i]);
  }
  for (const Ratio& r : all) {
    print({r.name, median(r.ratios), "x", r.must, r.aim});
    const auto [least, greatest] = std::minmax_element(r.ratios.begin(), r.ratios.end());
    fmt::print("  {:<46} {:>12.4g} to {:.4g}\n", "  least and greatest", *least, *greatest);
  }
}

void idle(const Options& options) {
  title("idle, with 1,000 indicators");
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i)
    lines.push_back(fmt::format("ip,198.{}.{}.7", 18 + i / 250, i % 250));
  Subject subject(options.program, test::indicator_file(lines), nullptr);
  print({"start to READY", subject.ready_s(), "s", 1, 0.4});
  const double before = subject.cpu_s();
  const int seconds = static_cast<int>(options.paced_s);
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  print({"CPU", 100 * (subject.cpu_s() - before) / seconds, "% of one", 0.2, 0.05});
  const pid_t pid = subject.daemon().child().pid();
  const double all = static_cast<double>(test::memory_kib(pid, "VmRSS")) / 1024;
  print({"RSS, rings apart", all - subject.ring_mib(), "MiB", 25, 15});
  print({"RSS in all", all, "MiB"});
}

void loads(const Options& options) {
  const BpfTime statistics;
  if (!statistics.available()) fmt::print("no BPF times: the kernel refuses its statistics\n");
  test::TempDir dir;
  Subject subject(options.program, test::indicator_file({}), &statistics);
  storms(options, subject);
  fresh_files(options, subject, dir);
  connects(options, subject);
  const pid_t pid = subject.daemon().child().pid();
  print({"RSS after all this", static_cast<double>(test::memory_kib(pid, "VmRSS")) / 1024, "MiB"});
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      options.execs = options.connects = 4'000;
      options.files = 400;
      options.paced_s = 2;
      options.rounds = 1;
    } else {
      options.program = argv[i];
    }
  }
  if (::geteuid() != 0) return fmt::print(stderr, "bench_storm: needs root\n"), 77;
  loads(options);
  latency(options);
  slowdown(options);
  idle(options);
  fmt::print("\n{} bars missed\n", missed_bars);
  return missed_bars == 0 ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_storm: {}\n", error.what());
  return 2;
}
