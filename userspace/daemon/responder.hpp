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
#include "daemon/killed_files.hpp"
#include "daemon/module_ledger.hpp"
#include "indicators/store.hpp"
#include "names/name_cache.hpp"
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
    DenialTables& kernel;
    ResponsePolicy policy;
    IsSinkhole is_guarded = {};
    std::vector<IpNetwork> spared = {};  // as DenialSync has it
    std::function<bool(const DenialTables::File&)> is_vital = {};
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

  // The names that addresses had in answers, for as long as this lives: who resolved a name before
  // it was listed, or waits until its denial is over, is refused, too.
  void set_names(const NameCache& names) { names_ = &names; }
  // After the indicators changed.
  void indicators_changed();
  // Once a second: rules and indicators expire.
  void tick();

  // What matched, and of which content.
  struct ListedContent {
    const std::vector<IndicatorMatch>& matches;
    const FileDigests& digests;
  };
  // A process runs listed content. is_file: it is the executed file itself, not a script. Kills the
  // process, and makes the kernel kill the next one.
  std::optional<ResponseFacts> on_content(const ListedContent& content, const Process& process,
                                          const ExecEvent& exec, bool is_file);
  // A file whose user was killed in the exec or the mapping hook turned out not to be listed:
  // written to in place with its size and mtime kept. It is let pass again.
  void on_innocent(const FileIdentity& file, const std::string& path);
  // A process maps listed content. Kills it, and makes the kernel kill the next one that does.
  std::optional<ResponseFacts> on_library(const ListedContent& content, const Process* process,
                                          const ModuleLedger::Mapped& mapped);
  // weak: the address alone, or a name that somebody else learned: nobody is killed for that.
  std::optional<ResponseFacts> on_contact(const std::vector<IndicatorMatch>& matches,
                                          const ConnectEvent& event, bool weak);
  std::optional<ResponseFacts> on_refused(const std::vector<IndicatorMatch>& matches,
                                          const RefusedEvent& event);
  // The kernel side drops questions for denied names, where the rules say so.
  std::optional<ResponseFacts> on_question(const std::vector<IndicatorMatch>& matches,
                                           const DnsEvent& question);
  // asked: somebody here, other than tocsin itself, asked for it. Else it denies nothing, and what
  // the kernel side made of it is taken back.
  void on_answer(const std::vector<IndicatorMatch>& matches, const DnsEvent& answer, bool asked);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  // The "response" object of the status.
  [[nodiscard]] nlohmann::json status() const;

 private:
  ResponseFacts kill(ProcessId process, std::string rule, WallNs event_ns);
  std::optional<ResponseFacts> counted(ResponseFacts facts);
  [[nodiscard]] bool is_spared(const std::vector<IndicatorMatch>& matches,
                               const IpAddress& address) const;
  [[nodiscard]] ResponsePolicy::Decision about_name(const NameCandidate& name) const;
  [[nodiscard]] ResponsePolicy::Decision about_address(std::uint32_t net_ns,
                                                       const IpAddress& address) const;
  void apply();

  Parts parts_;
  const NameCache* names_ = nullptr;
  DenialSync denials_;
  KilledFiles files_;
  Counters counters_;
  std::uint64_t left_out_told_ = 0;
};

}  // namespace tocsin
