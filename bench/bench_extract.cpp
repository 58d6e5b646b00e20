// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Speed and memory of extraction on 100 MB of generated prose, a table and a STIX bundle: megabytes
// a second of CPU time, and the growth of the resident set beyond the document itself.
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>
#include <ctime>
#include <random>
#include <string>

#include "extract/extract.hpp"

namespace {

using namespace tocsin;

constexpr std::size_t kBytes = 100UL * 1000 * 1000;

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1000;
}

std::string hex(std::mt19937_64& rng, std::size_t digits) {
  std::string out;
  for (; digits > 0; --digits) out += "0123456789abcdef"[rng() % 16];
  return out;
}

std::string name(std::mt19937_64& rng) {
  std::string out;
  for (auto n = 8 + rng() % 9; n > 0; --n) out += static_cast<char>('a' + rng() % 26);
  return out;
}

std::string prose() {
  std::mt19937_64 rng(1);
  std::string out;
  out.reserve(kBytes + 4096);  // so that the peak is not that of a growing string
  out = "# Report\n\n";
  while (out.size() < kBytes) {
    out +=
        "The loader contacts its servers every hour, waits for orders and removes its traces "
        "afterwards; version 1.2.3 did the same in a simpler way, as we wrote last year.\n\n";
    if (rng() % 4 == 0) out += "It calls hxxps://" + name(rng) + "[.]com/a/b.php first.\n\n";
    if (rng() % 8 == 0) out += "- " + hex(rng, 64) + "\n\n";
  }
  return out;
}

std::string table() {
  std::mt19937_64 rng(2);
  std::string out;
  out.reserve(kBytes + 4096);
  out = "value,type,note\n";
  while (out.size() < kBytes)
    out += rng() % 2 == 0 ? hex(rng, 64) + ",sha256,\"loader, first stage\"\n"
                          : name(rng) + ".com,domain,\"command server, seen twice\"\n";
  return out;
}

std::string bundle() {
  std::mt19937_64 rng(3);
  std::string out;
  out.reserve(kBytes + 4096);
  out = R"({"type":"bundle","id":"bundle--1","objects":[)";
  for (std::size_t i = 0; out.size() < kBytes; ++i)
    out += fmt::format(
        R"({}{{"type":"indicator","id":"indicator--{}","modified":"2024-01-01T00:00:00Z",)"
        R"("valid_from":"2024-01-01T00:00:00Z","pattern_type":"stix",)"
        R"("pattern":"[file:hashes.'SHA-256' = '{}']"}})",
        i == 0 ? "" : ",", i, hex(rng, 64));
  return out + "]}";
}

void measure(std::string_view what, const std::string& document, const Guard& guard) {
  ExtractOptions options;
  options.guard = &guard;
  std::uint64_t taken = 0;
  const double before = peak_mb();
  const auto start = std::clock();
  const auto facts = extract_stream(document, options, [&](Candidate&& candidate) {
    taken += candidate.state == CandidateState::kReject ? 0 : 1;
  });
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (!facts || taken == 0) {
    fmt::print(stderr, "{}: nothing taken\n", what);
    std::exit(1);
  }
  fmt::print("  {:<8} {:>8.1f} MB/s  {:>9} candidates  {:>7.1f} MB more at the peak\n", what,
             static_cast<double>(document.size()) / 1e6 / seconds, taken, peak_mb() - before);
}

}  // namespace

int main() {
  const auto guard = Guard::load();
  if (!guard) return 1;
  fmt::print("extraction, {} MB each\n", kBytes / 1'000'000);
  measure("prose", prose(), *guard);
  measure("table", table(), *guard);
  measure("stix", bundle(), *guard);
}
