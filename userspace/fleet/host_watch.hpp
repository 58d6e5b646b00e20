// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace tocsin::fleet {

// Who beats and who fell silent. Times are the reader's own clock: a host's may be wrong, or lie.
class HostWatch {
 public:
  // Missed beats after which a host is silent.
  static constexpr int kBeatsMissed = 3;

  struct Change {
    std::string host;
    bool silent = false;      // false: it is back
    WallNs last_beat_ns = 0;  // silent: when it was heard last; back: heard last before
  };

  // interval_s as the host says; taken from 1 s to a day. What is beyond kFleetHostsMax hosts is
  // counted, not watched.
  void beat(const std::string& host, double interval_s, WallNs at_ns);
  // Who watches saw nothing for a while and sees again: no host is silent before it has had an
  // interval and this grace to be heard.
  void resume(WallNs now_ns, WallNs grace_ns);
  // It saw nothing for a moment: the same, but once for what was heard last of a host, or over a
  // link that comes and goes a dead host would never be silent.
  void blink(WallNs now_ns, WallNs grace_ns);
  // Changes since the last call, each once.
  std::vector<Change> look(WallNs now_ns);

  [[nodiscard]] std::size_t hosts() const { return hosts_.size(); }
  [[nodiscard]] std::uint64_t beyond() const { return beyond_; }

 private:
  struct Host {
    WallNs last_ns = 0, interval_ns = 0;
    WallNs spared_ns = 0;  // by a blink; grace included
    bool silent = false, spared = false;
  };
  std::map<std::string, Host> hosts_;
  std::vector<Change> changes_;
  std::uint64_t beyond_ = 0;
  WallNs resumed_ns_ = 0;  // grace included
};

}  // namespace tocsin::fleet
