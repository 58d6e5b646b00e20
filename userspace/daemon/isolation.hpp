// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "capture/isolation_switch.hpp"
#include "control/backend.hpp"
#include "daemon/observer.hpp"
#include "indicators/ip_network.hpp"

namespace tocsin {

// Cuts the host, or one control group, off from all but an allow-list, until a moment that is
// always given: the kernel side itself lets go then. It ends with the daemon, unless it was asked
// to be kept over a restart; in between the host is open. A control group that is made anew, as a
// service's is with each restart, is isolated again. State thread only.
class IsolationDesk final : public Observer {
 public:
  struct Parts {
    const Clock& clock;
    IsolationSwitch& kernel;
    std::string cgroup_mount;         // of cgroup2; empty: none
    std::string file;                 // stands while something is isolated, over a crash, too
    std::vector<std::string> always;  // response.isolation_allow
    bool packets = false;             // the packet hook is attached: old connections stop, too
    bool refuses = false;             // the hooks of contacts can refuse; else nothing is isolated
    std::function<void(std::string)> tell = {};
  };

  explicit IsolationDesk(Parts parts);
  IsolationDesk(const IsolationDesk&) = delete;
  IsolationDesk& operator=(const IsolationDesk&) = delete;

  // Takes up what was kept, if its time is not over; tells of what was not kept and ended with a
  // daemon that could not say so. Never for longer than was left: the wall clock may be wrong.
  void resume();
  Result<nlohmann::json> isolate(const control::IsolateRequest& request);
  Result<nlohmann::json> release();
  // Once a second: tells when the time is over, and looks whether the group was made anew.
  void tick();
  void on_cgroup(const CgroupEvent& event) override;
  // At a stop: says that the host is open now.
  void stop();
  // The "isolation" object of the status.
  [[nodiscard]] nlohmann::json status() const;

 private:
  struct Current {
    control::IsolateRequest request;
    std::vector<IpNetwork> allow;
    WallNs until_ns = 0;
    BootNs ends_ns = 0;
    std::uint64_t cgroup_id = 0;
    bool blind = false;  // the host's own addresses could not be read
  };

  struct Mark {
    control::IsolateRequest request;  // for_ns: what is left of it
    WallNs until_ns = 0;
  };
  Result<Current> begin(const control::IsolateRequest& request);
  Result<IsolationSwitch::Isolation> scope_of(const std::string& cgroup) const;
  Result<void> write_mark();
  Result<std::optional<Mark>> read_mark() const;
  void remove_mark() const;
  void end(const std::string& why);
  void follow_cgroup();
  [[nodiscard]] bool holds() const;
  [[nodiscard]] std::string whom() const;

  Parts parts_;
  std::optional<Current> current_;
  BootNs next_mark_ns_ = 0;
};

}  // namespace tocsin
