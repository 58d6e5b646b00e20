// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "capture/denial_tables.hpp"

namespace tocsin {

// By which the kernel side cuts the host, or one control group, off. KernelResponse is the one that
// does. State thread only.
class IsolationSwitch {
 public:
  struct Isolation {
    std::uint64_t cgroup_id = 0;  // only this control group; 0: every process
    std::uint32_t level = 0;      // of that group below the root
    BootNs until_ns = 0;          // then it ends, whatever becomes of the daemon
  };

  virtual ~IsolationSwitch() = default;
  // Loopback is allowed always. kLimit: the list is too long, and all stays as it was. After
  // another error nothing is isolated.
  virtual Result<void> isolate(const Isolation& isolation,
                               std::span<const DenialTables::Network> allow) = 0;
  // The isolated control group was made anew, at the same level.
  virtual void isolate_instead(std::uint64_t cgroup_id) = 0;
  virtual void release() = 0;
  [[nodiscard]] virtual bool isolated(BootNs now) const = 0;
  // Contacts and packets that were refused, since the start.
  [[nodiscard]] virtual std::uint64_t isolation_refused() const = 0;

 protected:
  IsolationSwitch() = default;
  IsolationSwitch(const IsolationSwitch&) = default;
  IsolationSwitch& operator=(const IsolationSwitch&) = default;
};

}  // namespace tocsin
