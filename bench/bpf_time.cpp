// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "bpf_time.hpp"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <vector>

namespace tocsin::bench {
namespace {

std::set<std::uint32_t> program_ids() {
  std::set<std::uint32_t> ids;
  std::uint32_t id = 0;
  while (bpf_prog_get_next_id(id, &id) == 0) ids.insert(id);
  return ids;
}

}  // namespace

BpfTime::BpfTime() : statistics_(bpf_enable_stats(BPF_STATS_RUN_TIME)), others_(program_ids()) {}

std::map<std::string, BpfTime::Spent> BpfTime::read() const {
  std::map<std::string, Spent> spent;
  for (const std::uint32_t id : program_ids()) {
    if (others_.contains(id)) continue;
    const Fd program(bpf_prog_get_fd_by_id(id));
    bpf_prog_info info{};
    std::uint32_t length = sizeof info;
    if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0) continue;
    Spent& one = spent[info.name];
    one.ns += info.run_time_ns;
    one.runs += info.run_cnt;
    one.skipped += info.recursion_misses;
  }
  return spent;
}

bool is_network_program(const std::string& name) {
  for (const char* prefix : {"connect", "sendmsg", "state", "packet"})
    if (name.starts_with(prefix)) return true;
  return false;
}

}  // namespace tocsin::bench
