// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/event_loop.hpp"
#include "control/later.hpp"
#include "daemon/self_proof.hpp"
#include "sink/fan_out.hpp"

namespace tocsin {

// Whether what was given to the sinks between two moments was written.
class SinkProof {
 public:
  explicit SinkProof(std::vector<SinkStatus> before) : before_(std::move(before)) {}
  // The last was given: each sink has to get so far.
  void all_given(const std::vector<SinkStatus>& now);
  // Every sink has dealt with all of it.
  [[nodiscard]] bool settled(const std::vector<SinkStatus>& now) const;
  // {"name","state","detail"} each; state: "written", "absent" (there is nothing to write to on
  // this host), "lost", "waiting" (it did not get so far), "nothing" (it was given nothing).
  [[nodiscard]] nlohmann::json verdict(const std::vector<SinkStatus>& now) const;

 private:
  [[nodiscard]] nlohmann::json judge(std::size_t index, const SinkStatus& now) const;
  std::vector<SinkStatus> before_;
  std::vector<std::uint64_t> due_;  // records dealt with since the start, by sink
};

// `tocsin selftest`: a proof whose alerts go the whole way, then a look whether the sinks wrote
// them. One at a time. Loop thread only.
class SelfTest {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    SelfProof& proof;
    const FanOut& sinks;
  };
  static Result<std::unique_ptr<SelfTest>> create(Parts parts);

  // report: alerts go to the sinks. done gets the answer of docs/control-protocol.md, or kBusy.
  void run(bool report, control::Done done);

 private:
  explicit SelfTest(Parts parts) : parts_(parts) {}
  void proved(const Proof& proof);
  void look_at_sinks();
  void answer();

  Parts parts_;
  bool report_ = false;
  Proof proof_;
  SinkProof sinks_{{}};
  BootNs give_up_ = 0;
  control::Done done_;
  EventLoop::Source timer_;
};

// Everything that could be done came back, with its alarm, and the sinks wrote it.
bool self_test_passed(const Proof& proof, const nlohmann::json& sinks);

}  // namespace tocsin
