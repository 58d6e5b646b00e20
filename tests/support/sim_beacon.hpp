// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/sim_host.hpp"

// Programs that call home, and what follows. docs/beacon-accuracy.md says what is drawn how.
namespace tocsin::test::sim {

enum class Jitter { kNone, kOneSided, kSymmetric };

// When a program calls. One-sided is Cobalt Strike's: from interval (1 - jitter) to interval.
struct Beat {
  double interval_s = 300;
  Jitter jitter_model = Jitter::kOneSided;
  double jitter = 0.2;  // 0..1
  double lost = 0;      // share of check-ins that never happen
  double failing = 0;   // share that fails, and is tried again
  int retries = 0;
  double burst = 0;        // mean number of further contacts within seconds of a check-in
  double burst_every = 1;  // share of check-ins with a burst
  bool office_hours = false;
  double nap_s = 0;  // one long sleep after the fourth check-in
};

struct CheckIn {
  double at;
  bool failed;
  bool first;  // of its check-in: the rest are retries and bursts
};
std::vector<CheckIn> check_ins(const Beat& beat, Random& random, double from, int count);

enum class Channel { kTls, kDns, kLong, kSharedHost, kAddress };

// What a malicious subject does; the command line sets any of it, the rest is drawn.
struct Plan {
  std::string kind = {};  // one of malicious_kinds()
  Beat beat = {};
  Channel channel = Channel::kTls;
  int count = 40;        // check-ins
  int destinations = 1;  // rotated
  int addresses = 1;     // behind each name
  bool shell = true;
  std::string stdio = "socket";  // of the shell: socket, pty
  int shell_after = 10;          // check-ins
  bool recon = true;
  bool dropped = false;
  double dormant_s = 0;  // first run, or update -> first call
};
struct PlanOptions {
  std::optional<std::string> kind, stdio, channel, jitter_model;
  std::optional<double> interval_s, jitter, lost, failing, burst, nap_s, dormant_s;
  std::optional<int> retries, count, destinations, addresses, shell_after;
  std::optional<bool> office_hours, shell, recon, dropped;
};
Plan drawn_plan(const PlanOptions& options, Random& random);
std::string words(const Beat& beat);

std::vector<std::string_view> malicious_kinds();  // the last is the vendor's program that turned
inline constexpr std::string_view kVendorKind = "vendor-update";
void add_malicious(Host& host, const Plan& plan);

std::vector<std::string_view> benign_kinds();
void add_benign(Host& host, std::string_view kind);
// The everyday of a server that every host has.
void add_everyday(Host& host);

}  // namespace tocsin::test::sim
