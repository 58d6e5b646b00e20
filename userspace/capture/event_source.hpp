// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "tocsin_wire.h"

namespace tocsin {

// Gets the bytes of one wire event: a tw_header and what follows, as tocsin_wire.h lays it out.
// Nothing in them is checked. The span is valid during the call only. Must not throw.
using WireSink = std::move_only_function<void(std::span<const std::byte>)>;

struct KindCounters {
  std::uint64_t read = 0;     // out of the ring; between there and the programs nothing is lost
  std::uint64_t lost = 0;     // no room in the ring
  std::uint64_t skipped = 0;  // not interesting
  std::uint64_t unowned = 0;  // packets without a process; ends of connections without an owner
};

// One loaded kernel program. Runs and time are counted only while BPF statistics are on.
struct ProgramCounters {
  std::string name;
  std::uint64_t runs = 0;
  std::uint64_t run_ns = 0;
  std::uint64_t recursion_misses = 0;  // runs that the kernel left out: events lost
};

struct CaptureCounters {
  std::array<KindCounters, TW_KIND_COUNT> by_kind{};  // index: tw_kind
  std::vector<ProgramCounters> programs;
  std::uint64_t malformed = 0;  // records whose size field contradicts the ring; delivered anyway
};

// Where wire events come from: the kernel or a recording. One thread.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Readable when there is something to consume; -1: no waiting, consume until it gives nothing.
  [[nodiscard]] virtual int poll_fd() const = 0;
  // Delivers at most budget events and returns how many. 0: nothing there now.
  virtual Result<std::size_t> consume(std::size_t budget, WireSink& sink) = 0;
  // Promises another consume() soon after boot_ns, so that no event before it has to wake anybody.
  virtual void promise_look(BootNs boot_ns) = 0;
  // Costs a system call per kind and program: for every second, not for every event.
  [[nodiscard]] virtual CaptureCounters counters() const = 0;
};

}  // namespace tocsin
