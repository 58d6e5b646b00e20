// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "alert/alert.hpp"
#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "daemon/observer.hpp"
#include "indicators/store.hpp"
#include "proof/canary_process.hpp"
#include "proof/proof_history.hpp"
#include "proof/proof_round.hpp"

namespace tocsin {

// Acts in a harmless way now and then and looks whether it comes back: through the hooks, the ring,
// the decoder, the tables and the match with the self-test set. What was done and did not come back
// is told once, and counted as loss each time. docs/self-proof.md says what this proves. Loop
// thread only.
class SelfProof final : public Observer {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    const IndicatorStore& indicators;
    // Why this action has no hook that could see it; empty: it has one.
    std::function<std::string(CanaryAction)> excuse;
    std::function<void(const ProofNews&)> tell;
    std::function<void(LossEvent)> lost;
  };
  // interval_s 0: only self-tests.
  static Result<std::unique_ptr<SelfProof>> start(Parts parts, double interval_s);

  // A process of the self-proof: nobody's behaviour.
  [[nodiscard]] bool is_canary(ProcessId process) const;
  // Every alert passes here. True: it is the canary's and goes no further. The alerts of a
  // self-test that is to be reported are marked and go on.
  bool take(Alert& alert);

  // Proves once more, as soon as a running proof is over; report: its alerts go on to the sinks.
  using Finished = std::move_only_function<void(const Proof&)>;
  Result<void> self_test(bool report, Finished finished);

  struct Schedule {
    double interval_s = 0;
    bool running = false;
    bool overdue = false;  // the last proof is older than it should be
  };
  [[nodiscard]] Schedule schedule() const;
  [[nodiscard]] const ProofHistory& history() const { return history_; }

  void on_exec(const Subject& subject) override;
  void on_module(const ModuleEvent& event, const Subject& subject, const HashResult& hash) override;
  void on_contact(const ConnectEvent& event, const Subject& subject,
                  std::span<const NameCandidate> names) override;
  void on_dns(const DnsEvent& event, const Subject& subject) override;
  void on_hello(const HelloEvent& event, const Subject& subject) override;

 private:
  struct Order {
    bool self_test = false;
    bool report = false;
    Finished finished;
  };
  struct Running {
    Order order;
    Proof proof;
    ProofRound round;
    BootNs began = 0;
    std::string dns_name = {}, tls_host = {}, quic_host = {};
    CanaryIdentity identity = {};
    std::unique_ptr<CanaryProcess> process = {};  // null: ended
  };

  SelfProof(Parts parts, double interval_s) : parts_(std::move(parts)), interval_s_(interval_s) {}
  void on_time();
  void begin(Order order);
  Result<void> start_canary();
  void step();
  void finish();
  [[nodiscard]] ProofRound::Dues dues() const;
  [[nodiscard]] bool listed(CanaryAction action) const;
  // The running canary's.
  [[nodiscard]] bool ours(const Subject& subject) const;
  [[nodiscard]] static bool foreign(const Alert& alert, ProcessId subject);
  [[nodiscard]] bool says_our_name(const Alert& alert) const;
  [[nodiscard]] std::optional<CanaryAction> action_of(const Alert& alert) const;
  [[nodiscard]] std::optional<CanaryAction> action_of(const HelloEvent& hello) const;
  [[nodiscard]] bool answered(std::span<const NameCandidate> names) const;
  void saw(CanaryAction action);

  Parts parts_;
  double interval_s_;
  BootNs started_ = 0;
  std::optional<Sha256> marker_;
  ProofHistory history_;
  std::optional<Running> running_;
  std::optional<Order> waiting_;
  // The latest canaries: an event can be late.
  std::array<CanaryIdentity, 4> known_;
  std::size_t next_known_ = 0;
  EventLoop::Source interval_timer_, step_timer_;
};

}  // namespace tocsin
