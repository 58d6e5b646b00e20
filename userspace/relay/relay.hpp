// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "base/worker.hpp"
#include "control/client.hpp"
#include "daemon/config.hpp"
#include "indicators/guard.hpp"
#include "indicators/warninglists.hpp"
#include "relay/answer_queue.hpp"
#include "relay/feed_config.hpp"
#include "relay/feed_state.hpp"
#include "relay/metrics_listener.hpp"
#include "relay/resolver.hpp"
#include "relay/webhook_desk.hpp"

namespace tocsin::relay {

// The program with a network: fetches feeds, asks for indicator names, hands both to tocsind over
// its socket, and takes alerts from there to webhooks. Has no rights of its own, and what it hands
// over is judged again. One thread, but for the worker on which feeds are fetched and converted,
// and one for each webhook.
class Relay {
 public:
  static Result<std::unique_ptr<Relay>> start(const Config& config);
  // Until SIGTERM or SIGINT.
  Result<void> run();
  ~Relay();

 private:
  Relay(const Config& config, Guard guard);
  Result<void> open();
  Result<void> open_metrics();
  void second();

  // The daemon.
  void connect();
  void disconnect(const std::string& why);
  void on_daemon();
  void take_order(const std::string& json_text);
  void report();
  // One command on the connection for commands; a lost connection ends both.
  Result<nlohmann::json> ask(const std::string& command, const nlohmann::json& arguments);

  // Feeds.
  void read_feeds();
  void start_due_feeds();
  void begin_update(const FeedConfig& feed, bool accept_shrunk);
  void end_update(const FeedConfig& feed, FeedState state);
  [[nodiscard]] std::string states_file() const { return config_.relay.state_dir + "/feeds.json"; }

  // Look-ups.
  void fetch_domains();
  void send_resolved();

  // The daemon's metrics, and whether it answered.
  std::string metrics_page();

  Config config_;
  SystemClock clock_;
  Guard guard_;
  Warninglists lists_;
  std::optional<EventLoop> loop_;
  std::atomic<bool> stop_{false};

  std::optional<control::Client> orders_, commands_;
  EventLoop::Source orders_source_;
  BootNs next_connect_ns_ = 0;
  std::uint64_t connect_failures_ = 0;

  FeedsLoad feeds_;
  std::int64_t feeds_mtime_ns_ = -1;
  FeedStates states_;
  std::set<std::string, std::less<>> updating_;
  std::minstd_rand random_{std::random_device{}()};

  std::unique_ptr<MetricsListener> metrics_;  // null: off

  std::unique_ptr<Resolver> resolver_;
  AnswerQueue answers_;  // not told yet
  BootNs next_domains_ns_ = 0;

  std::unique_ptr<WebhookDesk> webhooks_;
  BootNs next_report_ns_ = 0;

  std::vector<EventLoop::Source> sources_;
  EventLoop::Source timer_;
  std::unique_ptr<Worker> worker_;  // last: its job uses the rest
};

}  // namespace tocsin::relay
