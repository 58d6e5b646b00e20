// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "capture/bpf_loader.hpp"
#include "capture/denial_tables.hpp"
#include "capture/isolation_switch.hpp"

namespace tocsin {

// What the kernel side refuses and kills: the daemon's hand on the maps of bpf/respond.bpf.h,
// name_verdict.bpf.h, bad_file.bpf.h and deny.bpf.c. It ends with the programs: a daemon that is
// gone refuses nothing. State thread only.
class KernelResponse final : public DenialTables, public IsolationSwitch {
 public:
  // Sets what the programs are loaded with.
  static Result<void> prepare(const Options& options, BpfLoader::Options& load);
  static Result<KernelResponse> open(const BpfLoader& loader, const Options& options,
                                     std::uint64_t name_base);
  KernelResponse(KernelResponse&&) noexcept;
  KernelResponse& operator=(KernelResponse&&) noexcept;
  ~KernelResponse() override;

  [[nodiscard]] const Options& options() const override;
  Result<void> deny(const Network& network, Verdict verdict) override;
  void forget(const Network& network) override;
  std::vector<IpAddress> sweep(BootNs now, std::size_t looks) override;
  Result<void> deny_name(std::string_view name, Verdict verdict) override;
  void forget_name(std::string_view name) override;
  Result<void> deny_content(const Sha256& digest, Verdict verdict) override;
  void forget_content(const Sha256& digest) override;
  void judge_content_anew() override;
  Result<void> kill_file(const File& file, Verdict verdict) override;
  void forget_file(const File& file) override;
  [[nodiscard]] Counters counters() const override;

  // Whether writes through a mapping move the times of files in memory (MmapTimesProbe): until it
  // is said that they do, no verdict about such a file is kept.
  void set_memory_tells(bool tells);

  Result<void> isolate(const Isolation& isolation, std::span<const Network> allow) override;
  void isolate_instead(std::uint64_t cgroup_id) override;
  void release() override;
  [[nodiscard]] bool isolated(BootNs now) const override;
  [[nodiscard]] std::uint64_t isolation_refused() const override;

 private:
  struct State;
  explicit KernelResponse(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The hash of a canonical name as name_verdict.bpf.h makes it, 0 when it is no name that can stand
// in a DNS message.
std::uint64_t denied_name_hash(std::string_view name, std::uint64_t base);
// The x with base * x == 1 modulo 2^64; base is odd.
std::uint64_t odd_inverse(std::uint64_t base);

}  // namespace tocsin
