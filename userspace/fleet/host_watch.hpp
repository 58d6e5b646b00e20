// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace tocsin::fleet {

// Who beats and who fell silent. Times are the reader's own: a host's clock may be wrong, or lie.
// And its boot clock, because the wall clock is stepped: back, and a dead host would not be silent
// for so long; forth, and every host would be. Signed: a stored beat may be older than the reader's
// boot.
class HostWatch {
 public:
  using Boot = std::int64_t;  // nanoseconds
  // Wall time is for people only.
  struct Heard {
    Boot at_ns = 0;
    WallNs wall_ns = 0;
  };

  // Missed beats after which a host is silent.
  static constexpr int kBeatsMissed = 3;

  struct Change {
    std::string host;
    bool silent = false;      // false: it is back
    WallNs last_beat_ns = 0;  // silent: when it was heard last; back: heard last before
  };

  // interval_s as the host says; taken from 1 s to a day. What is beyond kFleetHostsMax hosts is
  // counted, not watched.
  void beat(const std::string& host, double interval_s, Heard heard);
  // Who watches saw nothing for a while and sees again: no host is silent before it has had an
  // interval and this grace to be heard.
  void resume(Boot now_ns, Boot grace_ns);
  // It saw nothing for a moment: the same, but once for what was heard last of a host, or over a
  // link that comes and goes a dead host would never be silent.
  void blink(Boot now_ns, Boot grace_ns);
  // Changes since the last call, each once.
  std::vector<Change> look(Boot now_ns);

  [[nodiscard]] std::size_t hosts() const { return hosts_.size(); }
  [[nodiscard]] std::uint64_t beyond() const { return beyond_; }

 private:
  struct Host {
    Heard last;
    Boot interval_ns = 0;
    Boot spared_ns = 0;  // by a blink; grace included
    bool silent = false, spared = false;
  };
  std::map<std::string, Host> hosts_;
  std::vector<Change> changes_;
  std::uint64_t beyond_ = 0;
  Boot resumed_ns_ = 0;  // grace included
};

// A beat that was stored at that time, read now: its age counts from here on, and is none when the
// broker's clock is ahead.
HostWatch::Heard heard_before(WallNs stored_ns, HostWatch::Heard now);

}  // namespace tocsin::fleet
