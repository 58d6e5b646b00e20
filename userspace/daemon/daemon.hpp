// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/alert_id.hpp"
#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "capture/bpf_source.hpp"
#include "capture/pacing.hpp"
#include "control/server.hpp"
#include "daemon/alert_desk.hpp"
#include "daemon/beacon_keeper.hpp"
#include "daemon/config.hpp"
#include "daemon/context_desk.hpp"
#include "daemon/event_log.hpp"
#include "daemon/hindsight.hpp"
#include "daemon/history_desk.hpp"
#include "daemon/hunt_desk.hpp"
#include "daemon/indicator_desk.hpp"
#include "daemon/isolation.hpp"
#include "daemon/live_recording.hpp"
#include "daemon/loss_ledger.hpp"
#include "daemon/loss_watch.hpp"
#include "daemon/pipeline.hpp"
#include "daemon/responder.hpp"
#include "daemon/self_proof.hpp"
#include "daemon/self_test.hpp"
#include "daemon/watchdog.hpp"
#include "hash/hash_service.hpp"
#include "indicators/warninglists.hpp"
#include "names/resolver_monitor.hpp"
#include "packages/package_service.hpp"
#include "process/cgroup_table.hpp"
#include "process/process_table.hpp"
#include "sink/fan_out.hpp"

namespace tocsin {

// Owns every part of the running monitor and the order in which they start and stop. One per host;
// everything but the hash workers and the sinks runs on the thread that calls run().
class Daemon final : private control::Backend {
 public:
  struct Options {
    Config config;
    ConfigOptions source;  // where the config came from, for reloads
  };

  // Attached and listening, or an error that says what to do.
  static Result<std::unique_ptr<Daemon>> start(Options options);
  // Until SIGTERM or SIGINT.
  Result<void> run();
  ~Daemon() override;

  // For the line on stderr: "9 hooks, 57 indicators, …".
  [[nodiscard]] std::string summary() const;

 private:
  explicit Daemon(Options options);
  Result<void> open_kernel();
  Result<void> open_indicators();
  Result<void> open_outputs();
  void response_second();
  [[nodiscard]] bool is_vital(const DenialTables::File& file) const;
  [[nodiscard]] std::vector<IpNetwork> spared_networks() const;
  Result<void> open_history();
  void raise_found(Alert alert);
  [[nodiscard]] std::uint64_t fold_window_ns() const;
  Result<void> open_pipeline();
  Result<void> open_response();
  Result<void> open_self_proof();  // to feed_watchdog(), in daemon_proof.cpp
  [[nodiscard]] std::string excuse_of(CanaryAction action) const;
  void feed_watchdog();
  Result<void> open_beacons();
  Result<void> open_context();
  Result<void> watch_world();
  Result<void> watch_resolver();
  [[nodiscard]] bool is_own(ProcessId process) const;
  Result<void> start_consuming();
  void second();
  void judge_running_step();
  void watch_losses();
  void indicators_swapped();
  void packages_read();
  void apply_config();
  void record_digest(const Process& process, bool script, const HashResult& result);
  void health_alert(Severity severity, std::string message);
  void stop();

  // control::Backend, in answers.cpp
  Result<nlohmann::json> status() override;
  Result<nlohmann::json> metrics() override;
  Result<control::ItemSource> alerts(const control::AlertFilter& filter) override;
  Result<std::string> explain(std::string_view alert_id) override;
  Result<control::ItemSource> events(control::EventKindMask kinds) override;
  Result<control::ItemSource> beacons(double least_score) override;
  Result<control::ItemSource> who() override;
  Result<nlohmann::json> indicators() override;
  Result<nlohmann::json> check(std::string_view value) override;
  void reload(control::Done done) override;
  void hunt(control::HuntRequest request, control::Done done) override;
  void contacts(control::ContactRequest request, control::Done done) override;
  void coverage(control::CoverageRequest request, control::Done done) override;
  void first_seen(WallNs since_ns, control::Done done) override;
  void self_test(control::Done done) override;
  Result<std::unique_ptr<control::Recording>> record(Fd file) override;
  // hunt is in daemon_history.cpp; in set_answers.cpp
  void import_set(control::ImportRequest request, control::Done done) override;
  void remove_set(std::string set, control::Done done) override;
  void roll_back_feed(std::string set, control::Done done) override;
  Result<control::ItemSource> export_rows(std::string_view set) override;
  Result<control::ItemSource> review_rows(std::string_view set) override;
  Result<control::ItemSource> indicator_domains() override;
  Result<nlohmann::json> resolved(const std::vector<control::ResolvedName>& names) override;
  Result<nlohmann::json> feed_report(const nlohmann::json& feeds,
                                     const nlohmann::json& webhooks) override;
  Result<nlohmann::json> feeds() override;
  Result<nlohmann::json> update_feed(std::string_view feed, bool may_shrink) override;
  // in daemon_response.cpp
  Result<nlohmann::json> isolate(const control::IsolateRequest& request) override;
  Result<nlohmann::json> release() override;

  Options options_;
  SystemClock clock_;
  WallNs started_ns_;
  WallNs boot_epoch_ns_;
  Fd instance_lock_;
  std::optional<EventLoop> loop_;
  std::unique_ptr<IndicatorDesk> indicators_;
  std::optional<CgroupTable> cgroups_;
  ProcessTable processes_;
  LossLedger losses_;
  LossWatch loss_watch_;
  AlertIdSource ids_;
  std::unique_ptr<BpfSource> source_;
  std::unique_ptr<HashService> hashes_;
  std::unique_ptr<FanOut> sinks_;
  std::string host_name_;  // as alerts have it
  std::optional<AlertDesk> desk_;
  std::unique_ptr<HistoryDesk> history_;  // null: switched off
  std::unique_ptr<control::Server> server_;
  std::optional<EventLog> event_log_;
  std::optional<PacketNames> packets_;
  std::unique_ptr<PackageService> package_service_;
  Warninglists guards_;
  std::unique_ptr<SelfProof> proof_;  // before the pipeline, which tells it
  std::unique_ptr<SelfTest> self_test_;
  std::optional<Watchdog> watchdog_;
  std::unique_ptr<BeaconKeeper> beacons_;
  std::unique_ptr<ContextDesk> context_;
  ResponsePolicy policy_;
  std::unique_ptr<Responder> responder_;  // null: the rules ask for nothing
  std::unique_ptr<IsolationDesk> isolation_;
  std::optional<Pipeline> pipeline_;
  std::unique_ptr<HuntDesk> hunts_;     // null: no history is kept
  std::optional<Hindsight> hindsight_;  // as hunts_, whose thread it uses
  std::unique_ptr<PacedConsumer> consumer_;
  std::unique_ptr<ResolverMonitor> resolver_;       // null: switched off
  LiveRecording* recording_ = nullptr;              // owned by its client's connection
  nlohmann::json feeds_ = nlohmann::json::array();  // as the relay told last
  nlohmann::json webhooks_ = nlohmann::json::array();
  WallNs feeds_told_ns_ = 0;
  std::uint64_t seconds_ = 0;
  bool copy_refused_ = false;    // said once
  bool packages_known_ = false;  // read once
  std::vector<EventLoop::Source> sources_;
  EventLoop::Source second_timer_, judge_timer_;
};

}  // namespace tocsin
