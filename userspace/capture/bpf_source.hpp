// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/limits.hpp"
#include "capture/event_source.hpp"
#include "capture/hook_table.hpp"
#include "capture/kernel_response.hpp"

namespace tocsin {

// The running kernel as a source of events. Needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; what it
// does not get is a missing hook, not an error, as long as the ring can be made.
class BpfSource final : public EventSource {
 public:
  struct Options {
    std::size_t ring_bytes = limits::kRingBytes;  // a power of two, at least a page
    // A peer of an unconnected UDP socket is reported once in this time; the rest is skipped.
    std::uint64_t datagram_gap_ns = 60ULL * 1'000'000'000;
    // A library is told once in this time for each program that maps it.
    std::uint64_t module_gap_ns = 60ULL * 1'000'000'000;
    // Hash in the kernel what was changed at most this long before it is executed, or has no name
    // any more; 0: never. Needs the LSM hook. The exec waits for it, up to the given size.
    std::uint64_t ima_fresh_ns = 60ULL * 1'000'000'000;
    std::uint64_t ima_bytes_max = 64ULL * 1024 * 1024;
    // Two copies of the exec program from the start instead of from the first skipped run on.
    bool exec_twice = false;
    // Hooks ("cgroup/connect4+connect6"), programs or events to treat as refused, for tests.
    std::vector<std::string> refused{};
    // Also use ways that cost every system call of the host a little (HookWay::costly).
    bool costly = false;
    KernelResponse::Options response{};
  };

  static Result<std::unique_ptr<BpfSource>> open(const Options& options);
  ~BpfSource() override;

  [[nodiscard]] int poll_fd() const override;
  Result<std::size_t> consume(std::size_t budget, WireSink& sink) override;
  void promise_look(BootNs boot_ns) override;
  [[nodiscard]] CaptureCounters counters() const override;

  // Call every second or so. Where the kernel skipped runs of the exec program (preemptible
  // tracepoints), attaches a second copy; true: it did now.
  Result<bool> answer_misses();

  // For the programs, once a second: where CLOCK_BOOTTIME began, since somebody may set the clock,
  // and the relay's process, whose questions to a name server deny nothing; 0: there is none.
  void set_clock(WallNs boot_epoch_ns);
  void set_relay(pid_t pid);

  // While the result is held, the kernel counts runs and time of every BPF program (about 55 ns per
  // run more). Needs CAP_SYS_ADMIN.
  static Result<Fd> count_run_time();

  // What the kernel side refuses and kills.
  [[nodiscard]] KernelResponse& response();

  // One entry per event the daemon wants, in a fixed order.
  [[nodiscard]] const std::vector<HookStatus>& hooks() const;

 private:
  struct State;
  explicit BpfSource(std::unique_ptr<State> state);
  Result<bool> run_exec_twice();
  std::unique_ptr<State> state_;
};

}  // namespace tocsin
