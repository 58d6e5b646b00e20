// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "base/worker.hpp"
#include "relay/post.hpp"
#include "relay/spool.hpp"
#include "relay/webhook_config.hpp"
#include "relay/webhook_limits.hpp"

namespace tocsin::relay {

// Waits between tries of one alert.
struct RetryRule {
  std::uint64_t first_ms = limits::kWebhookRetryFirstMs, last_ms = limits::kWebhookRetryLastMs;
};

// Brings the spool's alerts to one webhook, one after the other, oldest first, each until the
// receiver has said yes: at least once, and after the end of the process again what was on the way.
// Loop's thread, but for the requests themselves.
class WebhookSender {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    Spool& spool;                     // outlives it, and knows this receiver
    std::function<void()> on_change;  // what report() says is not what it said
    RetryRule retry = {};
  };
  static Result<std::unique_ptr<WebhookSender>> start(WebhookConfig config, Parts parts);
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  // There may be something new in the spool.
  void poke();
  // Breaks off the request that runs; the destructor waits for its end.
  void begin_stop() { stop_ = true; }
  [[nodiscard]] const WebhookConfig& config() const { return config_; }
  // {"name","url","format","state","message","failures","waiting","delivered","refused","dropped",
  // "last_ok","next_try"}; state is "ok", "retrying" or "unused".
  nlohmann::json report();

 private:
  WebhookSender(WebhookConfig config, Parts parts)
      : config_(std::move(config)), parts_(std::move(parts)) {}
  void attempt();
  void on_answer(const SpooledAlert& alert, const Result<PostAnswer>& answer);
  void on_failure(std::string why, std::optional<std::uint64_t> retry_after_s);
  bool settle(const SpooledAlert& alert, Spool::Settled how);

  WebhookConfig config_;
  Parts parts_;
  std::atomic<bool> stop_{false};
  bool in_flight_ = false;
  BootNs due_ns_ = 0;           // not earlier than this
  std::uint32_t failures_ = 0;  // in a row
  std::uint32_t refusals_ = 0;  // of the alert that is next
  std::string message_;         // of the last failure; empty: all is well
  WallNs last_ok_ns_ = 0;
  std::minstd_rand random_{std::random_device{}()};
  EventLoop::Source timer_;
  std::unique_ptr<Worker> worker_;  // last: its job uses the rest
};

// How long to wait after so many failures in a row: doubled each time from the first to the last,
// less up to half of it as jitter (0 to 1) says, so that a thousand hosts do not come back at one
// time; not less than the receiver asked for.
std::uint64_t retry_wait_ms(const RetryRule& rule, std::uint32_t failures, double jitter,
                            std::optional<std::uint64_t> retry_after_s);

enum class Verdict : std::uint8_t {
  kDelivered,
  kRefused,  // of this very alert: trying for ever would hold up all behind it
  kLater,    // the receiver, the way or the configuration is at fault
};
Verdict verdict_of(long status);

}  // namespace tocsin::relay
