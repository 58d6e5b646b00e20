// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "control/backend.hpp"
#include "control/protocol.hpp"
#include "control/server.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

// A backend over plain vectors, so that the tests know every answer beforehand.
class MemoryBackend final : public control::Backend {
 public:
  std::vector<std::string> kept_alerts, kept_events;
  std::optional<Error> alerts_break;  // comes after kept_alerts
  int reloads = 0;
  int recordings_ended = 0;
  std::function<void()> on_reload;
  bool hunts_wait = false;  // in waiting, for the test to complete them

  Result<nlohmann::json> metrics() override { return nlohmann::json{{"text", "tocsin_up 1\n"}}; }
  Result<nlohmann::json> status() override;
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
  void import_set(control::ImportRequest request, control::Done done) override;
  void remove_set(std::string set, control::Done done) override;
  void roll_back_feed(std::string set, control::Done done) override;
  Result<control::ItemSource> export_rows(std::string_view set) override;
  Result<control::ItemSource> review_rows(std::string_view set) override;
  Result<nlohmann::json> isolate(const control::IsolateRequest& request) override;
  Result<nlohmann::json> release() override;
  Result<control::ItemSource> indicator_domains() override;
  Result<nlohmann::json> resolved(const std::vector<control::ResolvedName>& names) override;
  Result<nlohmann::json> feed_report(const nlohmann::json& feeds,
                                     const nlohmann::json& webhooks) override;
  Result<nlohmann::json> feeds() override;
  Result<nlohmann::json> update_feed(std::string_view feed, bool may_shrink) override;

  // What came in.
  std::vector<control::ImportRequest> imports;
  std::vector<control::HuntRequest> hunts;
  std::vector<control::CoverageRequest> coverage_requests;
  std::vector<control::ContactRequest> contact_requests;
  std::vector<control::IsolateRequest> isolations;
  std::vector<control::ResolvedName> resolved_names;
  nlohmann::json reported_feeds = nlohmann::json::array(), reported_webhooks;
  std::vector<control::Done>
      waiting;  // of remove_set, and of hunt with hunts_wait: the test completes them
};

// A server in a folder of its own on a loop that the test turns by hand.
class ControlBench {
 public:
  explicit ControlBench(std::string group = "");
  // Turns the loop until it had nothing to do for a while.
  void pump();

  TempDir dir;
  MemoryBackend backend;
  VirtualClock clock;
  EventLoop loop;
  std::unique_ptr<control::Server> server;

  [[nodiscard]] std::string path() const { return dir.file("control.sock"); }
  [[nodiscard]] control::ServerOptions options(std::string group = "") const;
};

// A client that can do what no honest one does. Never blocks.
class RawClient {
 public:
  explicit RawClient(const std::string& path);
  // As many bytes as the socket takes; how many.
  std::size_t send_bytes(std::string_view bytes);
  void send_frame(std::string_view payload);
  void ask(std::uint64_t id, const std::string& command, const nlohmann::json& arguments);
  // What has arrived since the last call, as frames; sets closed.
  std::vector<nlohmann::json> take();
  void end_of_input();
  void close() { socket_.reset(); }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  Fd socket_;
  bool connected_ = false;
  bool closed_ = false;
  control::FrameReader reader_;
};

}  // namespace tocsin::test
