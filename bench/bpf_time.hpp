// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/fd.hpp"

namespace tocsin::bench {

// The kernel's own statistics of BPF programs, switched on while this lives (the kernel switches
// them off with the last descriptor). Each run costs about 55 ns of clock reading, included in the
// figures. Needs CAP_SYS_ADMIN: available() is false without.
class BpfTime {
 public:
  struct Spent {
    std::uint64_t ns = 0, runs = 0, skipped = 0;  // skipped: recursion_misses, runs that were lost
  };

  // Programs that are loaded now belong to others and are left out.
  BpfTime();
  [[nodiscard]] bool available() const { return static_cast<bool>(statistics_); }
  // By program name, of the programs loaded since.
  [[nodiscard]] std::map<std::string, Spent> read() const;

 private:
  Fd statistics_;
  std::set<std::uint32_t> others_;
};

// Whether a program serves connects and datagrams; the others serve processes.
bool is_network_program(const std::string& name);

}  // namespace tocsin::bench
