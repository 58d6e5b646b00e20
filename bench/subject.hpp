// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "bpf_time.hpp"
#include "support/daemon.hpp"

// The daemon under measurement: what it spent and what it saw while a load ran.
namespace tocsin::bench {

struct Spent {
  double cpu_s = 0;                                      // user and system time of all its threads
  std::uint64_t process_bpf_ns = 0, network_bpf_ns = 0;  // inside its BPF programs
  std::uint64_t exec = 0;                                // events of each kind that arrived
  std::uint64_t connect = 0;
  std::uint64_t lost = 0;  // all kinds and stages, skipped program runs included
  std::uint64_t executions = 0, hashed = 0;
  std::map<std::string, std::uint64_t> misses;  // executions without a digest, by reason
};

class Subject {
 public:
  // statistics: read the kernel's BPF times, too; null: none, and no clock reads in the programs.
  Subject(const std::string& program, const std::string& indicators, const BpfTime* statistics);

  ~Subject() { daemon_.stop(); }
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  // Runs the load, waits until all it caused has been judged, and gives what that took.
  template <typename Load>
  Spent during(Load&& load) {
    const Spent before = now();
    load();
    settle();
    return difference(before, now());
  }

  test::Daemon& daemon() { return daemon_; }
  [[nodiscard]] double ready_s() const { return ready_s_; }
  [[nodiscard]] double cpu_s();
  // Resident memory that is ring buffer, mapped from the kernel.
  [[nodiscard]] double ring_mib();

 private:
  Spent now();
  void settle();
  static Spent difference(const Spent& before, const Spent& after);

  const BpfTime* statistics_;
  test::Daemon daemon_;
  double ready_s_ = 0;
};

}  // namespace tocsin::bench
