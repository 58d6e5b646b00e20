// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the beacon engine costs: nanoseconds of CPU per contact, with and without weighing, in a
// table with room and in a full one; bytes per key; and writing the state.
#include <fmt/format.h>
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/sha256_of.hpp"
#include "beacon/beacon_limits.hpp"
#include "beacon/state_file.hpp"
#include "beacon/table.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kStart = 1'700'000'000 * kNsPerSecond;
constexpr std::size_t kPrograms = 256;
constexpr int kRounds = 9;

double thread_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

// Median over rounds of the CPU time of one of `calls` calls.
double ns_per_call(std::size_t calls, const std::function<void(std::size_t)>& call) {
  std::vector<double> rounds;
  std::size_t n = 0;
  for (int r = 0; r < kRounds; ++r) {
    const double start = thread_ns();
    for (std::size_t i = 0; i < calls; ++i) call(n++);
    rounds.push_back((thread_ns() - start) / static_cast<double>(calls));
  }
  std::ranges::sort(rounds);
  return rounds[rounds.size() / 2];
}

std::vector<BeaconSubject> programs() {
  std::vector<BeaconSubject> out(kPrograms);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].path = fmt::format("/opt/vendor/program-{}", i);
    out[i].id = sha256_of(out[i].path);
    out[i].kind = SubjectKind::kContent;
  }
  return out;
}

BeaconTable::Filed contact(BeaconTable& table, const BeaconSubject& subject, std::size_t n,
                           std::size_t destinations) {
  return table.file({.time_ns = kStart + static_cast<WallNs>(n) * kNsPerSecond / 100,
                     .subject = subject,
                     .container = "",
                     .destination = fmt::format("host-{}.example.net", n % destinations),
                     .port = 443});
}

std::size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;  // small blocks, and those mapped one by one
}

}  // namespace

int main() {
  const auto subjects = programs();
  BeaconTiming timing;
  fmt::print("timing: one contact        {:7.0f} ns\n", ns_per_call(200'000, [&](std::size_t n) {
               timing.on_contact(kStart + static_cast<WallNs>(n) * kNsPerSecond);
             }));
  double sum = 0;
  fmt::print("timing: one score          {:7.0f} ns\n",
             ns_per_call(100'000, [&](std::size_t) { sum += timing.score().beacon; }));

  BeaconTable table{BeaconOptions{}};
  const auto file = [&](std::size_t n) {
    return contact(table, subjects[n % kPrograms], n, 16 * kPrograms);
  };
  fmt::print("table: one contact         {:7.0f} ns\n",
             ns_per_call(100'000, [&](std::size_t n) { file(n); }));
  fmt::print("table: and weighed         {:7.0f} ns\n", ns_per_call(100'000, [&](std::size_t n) {
               const auto filed = file(n);
               sum += table.assess(filed.key, kStart).fusion.probability;
               if (filed.roll_up != BeaconTable::kNone)
                 sum += table.assess(filed.roll_up, kStart).fusion.probability;
             }));

  const auto before = heap_bytes();
  BeaconTable full{BeaconOptions{}};
  std::size_t n = 0;
  for (; full.size() < limits::kBeaconKeysMax; ++n)
    contact(full, subjects[n % kPrograms], n, SIZE_MAX);
  const auto bytes = heap_bytes() - before;
  fmt::print("full table: {} keys, {} bytes a key of {} bytes state, {:.1f} MiB in all\n",
             full.size(), bytes / full.size(), sizeof(BeaconKey),
             static_cast<double>(bytes) / (1024 * 1024));
  fmt::print("full table: new key        {:7.0f} ns\n", ns_per_call(20'000, [&](std::size_t i) {
               contact(full, subjects[i % kPrograms], n++, SIZE_MAX);
             }));
  KnownPrograms known;
  std::vector<std::byte> state;
  const auto lay_out_ns =
      ns_per_call(1, [&](std::size_t) { state = lay_out_beacon_state(full, known); });
  const auto seal_ns = ns_per_call(1, [&](std::size_t) { seal_beacon_state(state); });
  fmt::print("state of the full table: {:.1f} MiB, laid out in {:.1f} ms, sealed in {:.1f} ms\n",
             static_cast<double>(state.size()) / (1024 * 1024), lay_out_ns / 1e6, seal_ns / 1e6);
  return sum < 0;
}
