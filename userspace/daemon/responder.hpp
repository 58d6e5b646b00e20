// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "alert/alert.hpp"
#include "base/clock.hpp"
#include "capture/kernel_response.hpp"
#include "daemon/denial_sync.hpp"
#include "indicators/store.hpp"
#include "process/process_table.hpp"
#include "respond/response_policy.hpp"

namespace tocsin {

// What is done about a match beside the alert: off unless the site's rules say otherwise. The
// pipeline asks with every match and marks the alert with the answer. State thread only.
class Responder {
 public:
  struct Parts {
    const Clock& clock;
    const IndicatorStore& indicators;
    KernelResponse& kernel;
    ResponsePolicy policy;
    IsSinkhole is_guarded = {};
    std::function<bool(ProcessId)> is_own = {};  // tocsin's own processes are never killed
    std::function<void(std::string)> on_trouble = {};
  };
  struct Counters {
    std::uint64_t refused = 0;    // contacts, executions and libraries, as the kernel side told
    std::uint64_t killed = 0;     // at the exec hook or later
    std::uint64_t rehearsed = 0;  // dry run
    std::uint64_t failed = 0;     // asked for, and not done
  };

  explicit Responder(Parts parts);
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  // What the kernel programs have to be loaded with for these rules.
  static KernelResponse::Options kernel_options(const ResponsePolicy& policy, bool questions);
  static bool needs_kill(const ResponsePolicy& policy);

  // After the indicators changed.
  void indicators_changed();
  // Once a second: rules and indicators expire.
  void tick();

  // A process runs listed content; file is its identity as the kernel events name it, when the
  // listed content is the file itself and not a script. Kills it, and makes the kernel kill the
  // next one.
  std::optional<ResponseFacts> on_content(const std::vector<IndicatorMatch>& matches,
                                          const Process& process, const ExecEvent& exec,
                                          bool is_file);
  std::optional<ResponseFacts> on_library(const std::vector<IndicatorMatch>& matches,
                                          const Process* process, WallNs at);
  // weak: the address alone, or a name that somebody else learned: nobody is killed for that.
  std::optional<ResponseFacts> on_contact(const std::vector<IndicatorMatch>& matches,
                                          const ConnectEvent& event, bool weak);
  std::optional<ResponseFacts> on_refused(const std::vector<IndicatorMatch>& matches,
                                          const RefusedEvent& event);
  // The kernel side drops questions for denied names, where the rules say so.
  std::optional<ResponseFacts> on_question(const std::vector<IndicatorMatch>& matches,
                                           const DnsEvent& question);
  // question_seen: somebody here asked for it.
  void on_answer(const std::vector<IndicatorMatch>& matches, const DnsEvent& answer,
                 bool question_seen);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  // The "response" object of the status.
  [[nodiscard]] nlohmann::json status() const;

 private:
  ResponseFacts kill(ProcessId process, std::string rule, WallNs event_ns);
  std::optional<ResponseFacts> counted(ResponseFacts facts);
  void apply();

  Parts parts_;
  DenialSync denials_;
  Counters counters_;
  std::uint64_t left_out_told_ = 0;
};

}  // namespace tocsin
