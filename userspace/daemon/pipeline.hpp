// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "alert/alert.hpp"
#include "alert/alert_id.hpp"
#include "base/clock.hpp"
#include "daemon/event_log.hpp"
#include "daemon/loss_ledger.hpp"
#include "daemon/module_ledger.hpp"
#include "daemon/observer.hpp"
#include "daemon/pipeline_counters.hpp"
#include "daemon/responder.hpp"
#include "daemon/subject_facts.hpp"
#include "event/event_json.hpp"
#include "hash/hash_service.hpp"
#include "indicators/store.hpp"
#include "names/name_cache.hpp"
#include "names/packet_names.hpp"
#include "names/question_table.hpp"
#include "names/watched_addresses.hpp"
#include "packages/package_service.hpp"
#include "process/cgroup_table.hpp"
#include "process/container_starts.hpp"
#include "process/process_table.hpp"

namespace tocsin {

// One event, all stages in order: START READING HERE. Everything runs on the state thread; only the
// hash service reads files elsewhere and answers through on_hash().
class Pipeline {
 public:
  struct Parts {
    const Clock& clock;
    const IndicatorStore& indicators;
    ProcessTable& processes;
    CgroupTable& cgroups;
    LossLedger& losses;
    AlertIdSource& ids;
    HashService* hashes = nullptr;  // null in replays: digests stand in the events
    // Null in replays: what packages say stands in the events, too.
    const PackageService* packages = nullptr;
    std::string accounts{kAccounts};  // passwd file of the host
    // Packets come back through on_event() as DNS and hello events. Null: they are only counted.
    PacketNames* packets = nullptr;
    EventLog* event_log = nullptr;  // null: nobody can follow
    std::function<void(Alert)> on_alert;
    // Processes of tocsin itself, whose look-ups of indicator names are no finding. May be empty.
    std::function<bool(ProcessId)> is_own = {};
    // Processes of the self-proof: alerts are made, and on_alert sorts them out. May be empty.
    std::function<bool(ProcessId)> is_canary = {};
    IsSinkhole is_sinkhole = {};     // may be empty
    Responder* responder = nullptr;  // null: nothing is done beside the alert
    // Every digest or miss, after it was judged: for recordings. May be empty.
    std::function<void(const Process&, bool script, const HashResult&)> on_digest = {};
    // What is known about a container by now, null: nothing. May be empty.
    std::function<const ContainerFacts*(const std::string& id)> container_facts = {};
    // The login that a process belongs to. May be empty.
    std::function<std::optional<LoginSession>(const std::shared_ptr<Process>&)> session_of = {};
    std::vector<Observer*> observers = {};  // told in this order
  };

  explicit Pipeline(Parts parts);

  // Bytes from the kernel or a recording. boot_epoch_ns: wall time of boot.
  void on_wire(std::span<const std::byte> bytes, WallNs boot_epoch_ns);
  void on_event(Event event);
  void on_hash(std::uint64_t ticket, HashResult result);
  // A digest out of a recording, behind the exec it belongs to.
  void on_replayed_digest(ProcessId process, bool script, HashResult result);

  // Hashes and judges what ran before the daemon did, a few at a time; true while some are left.
  bool judge_running(std::size_t budget);
  // Judges every known program again when the indicators changed; else reads what was not read yet.
  void rejudge_all();
  // The libraries of a program that no package vouches for, or that changed lately.
  [[nodiscard]] ModuleLedger::Modules modules_of(const ExecEvent& program, ProcessId process);
  // Timers: once a second is enough.
  void tick();

  [[nodiscard]] const PipelineCounters& counters() const { return counters_; }
  [[nodiscard]] const NameCache& names() const { return names_; }
  [[nodiscard]] const WatchedAddresses& watched() const { return watched_; }
  // An address that the relay's look-up of an indicator name gave; the reason when it is not
  // watched.
  std::optional<Unwatched> on_looked_up(const IpAddress& address, WatchedAddresses::Origin origin);

 private:
  enum class Content : std::uint8_t { kExecutable, kScript };
  struct Pending {
    std::shared_ptr<Process> process;
    std::shared_ptr<Image> image;
    Content content;
  };

  struct SeenModule {
    ModuleEvent event;
    Subject subject;
    HashResult hash;  // neither digest nor miss: a package's library, unread
  };

  void handle(ForkEvent& event);
  void handle(ExecEvent& event);
  void handle(ExitEvent& event);
  void handle(ConnectEvent& event);
  void handle(ConnectResultEvent& event);
  void handle(CloseEvent& event);
  void handle(ModuleEvent& event);
  void handle(PacketEvent& event);
  void handle(DnsEvent& event);
  void handle(HelloEvent& event);
  void handle(LossEvent& event);
  void handle(CgroupEvent&event), handle(RefusedEvent&event);

  // What the process of an event runs now; both null when the event names no process.
  Subject subject_of(const EventHead& head);
  [[nodiscard]] Subject subject(std::shared_ptr<Process> process,
                                std::shared_ptr<Image> image) const;
  template <typename... Params, typename... Args>
  void tell(void (Observer::*what)(Params...), const Args&... args) const {
    for (auto* observer : parts_.observers) (observer->*what)(args...);
  }

  // Whether a container's file was there before it started.
  std::optional<bool> image_layer_of(const Process& process, const ContainerFile& file);
  void obtain_digests(const std::shared_ptr<Process>& process, bool urgent);
  HashRequest request_for(const Process& process, const Image& image, Content content);
  void lead_to_root(HashRequest& request, const RootIdentity& root);
  void settle(const Pending& what, HashResult result);
  [[nodiscard]] bool has_script(const Image& image) const;
  std::optional<HashService::Submitted> submit_argument(const std::shared_ptr<Process>& process,
                                                        bool urgent);
  void take_submitted(const Pending& what, HashService::Submitted submitted);
  void conclude(const Pending& what);
  void judge(const Pending& what);
  void report_not_captured(const Pending& what);
  Alert new_alert(AlertKind kind, const Pending& subject, WallNs time_ns);

  // Libraries, in pipeline_modules.cpp.
  void take_module(ModuleEvent event, Subject subject);
  void take_early_modules(const Subject& subject);
  void tell_early_modules(WallNs before_ns);
  void expire_early_modules();
  HashRequest request_for(const ModuleEvent& event);
  void settle(SeenModule& module);
  void raise_module(const ModuleLedger::Mapped& mapped, const Subject& subject);
  void remember(const SeenModule& module);
  void rejudge_modules();
  static ModuleFacts facts_of(const SeenModule& module);
  void publish_module(const std::shared_ptr<const SeenModule>& module, std::uint64_t ticket);

  // Names, in pipeline_names.cpp.
  std::vector<NameCandidate> name_destination(ConnectEvent& event);
  void judge_contact(const ConnectEvent& event, const Subject& subject,
                     std::vector<NameCandidate>& names);
  void watch_answers(const DnsEvent& answer, const std::vector<IndicatorMatch>& matches);
  void raise_dns(DnsEvent& event, std::vector<IndicatorMatch> matches,
                 const QuestionTable::Heard& heard);
  [[nodiscard]] bool own(ProcessId process);
  template <typename E>
  void publish(const char* kind, const E& event, const Process* process);
  void publish_exec(const std::shared_ptr<Process>& process);
  void add_container(const Process& process, EventExtras& extras) const;
  void forget_ended_namespaces();
  void publish_connect(const ConnectEvent& event, const Process* process);
  void release_attempt(std::uint64_t cookie);

  Parts parts_;
  PipelineCounters counters_;
  SubjectFacts subjects_;
  ContainerStarts containers_;
  NameCache names_;
  QuestionTable questions_;
  WatchedAddresses watched_;
  WallNs next_name_sweep_ = 0;
  std::uint32_t own_mnt_ns_ = 0;
  // Foreign mount namespaces whose roots the hash service may hold open.
  std::unordered_set<std::uint32_t> mnt_namespaces_;
  BootNs next_namespace_sweep_ = 0;
  std::unordered_map<std::uint64_t, Pending> pending_;  // by hash ticket, bounded by the hash queue
  std::unordered_map<std::uint64_t, std::shared_ptr<SeenModule>> pending_modules_;  // likewise
  std::vector<ModuleEvent> early_modules_;  // told before the exec event of their program
  ModuleLedger modules_;
  std::vector<std::weak_ptr<Process>> running_;  // left to judge after the start
  std::shared_ptr<const Index> judged_by_;       // at the last round
  bool judges_known_ = false;                    // this round also judges what has its digests
  // Attempts whose line waits for the outcome, by socket cookie; bounded by EventLog::kHeldMax.
  std::unordered_map<std::uint64_t, std::shared_ptr<ConnectEvent>> attempts_;
};

}  // namespace tocsin
