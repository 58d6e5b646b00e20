// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/event_loop.hpp"
#include "fleet/hunt_gate.hpp"
#include "fleet/part.hpp"

namespace tocsin::fleet {

// Answers questions to all hosts from this host's memory: those that come, and those that came
// while it was away. Loop's thread, but for the asking.
class HuntResponder final : public Part {
 public:
  // The answer of `hunt` (docs/control-protocol.md). Runs on the worker. kNotFound, kIo, kBusy:
  // worth another try.
  using Ask = std::function<Result<nlohmann::json>(const HuntQuestion&)>;

  HuntResponder(AgentContext& context, Ask ask) : context_(context), ask_(std::move(ask)) {}

  Result<void> start() override;
  void connected(bool up) override;
  void describe(nlohmann::json& beat) const override;

 private:
  struct Waiting {
    SignedQuestion asked;
    std::size_t bytes = 0;
    std::optional<BootNs> first_try_ns;
  };
  struct Missed {
    std::vector<Message> messages;
    bool more = false;
  };

  void look();
  [[nodiscard]] bool has_place(std::size_t bytes) const;
  bool take(std::string_view bytes);  // false: not yet; worth another look later
  void take_missed(Missed missed);
  void note_refusal(const Error& error);
  void next();
  void finish(Waiting one, Result<nlohmann::json> answer);
  void reply(const HuntQuestion& question, std::string_view text);
  [[nodiscard]] Missed fetch_missed(std::uint64_t from, std::size_t most) const;  // on the worker

  AgentContext& context_;
  Ask ask_;
  std::optional<HuntGate> gate_;  // absent: no key may ask
  std::deque<Waiting> waiting_;   // at most kQuestionsWaitingMax
  std::size_t waiting_bytes_ = 0;
  bool asking_ = false, looking_ = false;
  std::uint64_t next_sequence_ = 1;       // of the stream of questions, looked at up to here
  std::optional<std::uint64_t> not_yet_;  // the first of this look that was issued in the future
  BootNs next_look_ns_ = 0, next_try_ns_ = 0, next_log_ns_ = 0;
  std::uint64_t not_logged_ = 0;
  Subscription questions_;
  EventLoop::Source timer_;
};

// Asks tocsind, in as many requests as it takes.
HuntResponder::Ask ask_daemon(std::string socket);

}  // namespace tocsin::fleet
