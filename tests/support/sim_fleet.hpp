// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/worker.hpp"
#include "fleet/alert_order.hpp"
#include "fleet/shipper.hpp"
#include "fleet/spool.hpp"
#include "fleet/stream_reader.hpp"
#include "support/fleet_fixture.hpp"

// Hosts of a fleet in one process: real connections, real spools, the agent's own shipper. Only the
// alerts are made up.
namespace tocsin::test {

class SimHost {
 public:
  SimHost(EventLoop& loop, Worker& worker, const NatsLab& lab, std::string name)
      : name_(std::move(name)) {
    config_.fleet.spool_max_bytes = 64 * 1024 * 1024;
    auto options = host_options(lab, name_);
    options.wait.reset();
    connection_ = connect(loop, std::move(options));
    spool_.emplace(*fleet::Spool::open({.folder = dir_.path(), .bytes_max = 64 * 1024 * 1024}));
    context_.reset(new fleet::AgentContext{.config = config_,
                                           .subjects = subjects_,
                                           .host = name_,
                                           .clock = clock_,
                                           .loop = loop,
                                           .worker = worker,
                                           .connection = *connection_,
                                           .ship = {},
                                           .beat_soon = [] {}});
    shipper_ = std::make_unique<fleet::Shipper>(*context_, *spool_);
    if (auto started = shipper_->start(); !started)
      throw std::runtime_error(started.error().message);
    connection_->on_change([this](bool up) {
      if (up || hears_breaks) shipper_->connected(up);
    });
  }

  // False: the loop is behind, and goes on sending over a connection that is gone.
  bool hears_breaks = true;

  // So many alerts more, of about so many bytes, numbered from 1 for each host.
  void raise(std::size_t count, std::size_t bytes = 400) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto id = "A" + std::to_string(++raised_);
      const auto text = R"({"event":{"id":")" + id + R"("},"host":{"id":")" + name_ +
                        R"("},"message":")" + std::string(bytes, 'x') + "\"}";
      if (!spool_->put_alert(id, text)) throw std::runtime_error("the spool took no alert");
    }
    most_waiting_ = std::max(most_waiting_, spool_->state().bytes);
    shipper_->poke();
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t raised() const { return raised_; }
  [[nodiscard]] bool empty() const { return spool_->state().items == 0; }
  [[nodiscard]] std::uint64_t most_waiting() const { return most_waiting_; }
  [[nodiscard]] nlohmann::json described() const {
    nlohmann::json beat;
    shipper_->describe(beat);
    return beat;
  }
  fleet::Connection& connection() { return *connection_; }

 private:
  std::string name_;
  TempDir dir_;
  Config config_;
  fleet::Subjects subjects_ = *fleet::Subjects::of_site("main");
  SystemClock clock_;
  std::unique_ptr<fleet::Connection> connection_;
  std::optional<fleet::Spool> spool_;
  std::unique_ptr<fleet::AgentContext> context_;
  std::unique_ptr<fleet::Shipper> shipper_;
  std::uint64_t raised_ = 0, most_waiting_ = 0;
};

// Who reads at the centre: what came of each host, folded and in order.
class SimCentre {
 public:
  SimCentre(EventLoop& loop, const NatsLab& lab)
      : connection_(connect(loop, operator_options(lab))) {
    auto reader = fleet::StreamReader::start(
        *connection_,
        {.stream = fleet::kStreamAlerts, .subject = subjects_.every(fleet::Kind::kAlert)},
        [this](fleet::Message m) { take(std::move(m)); });
    if (!reader) throw std::runtime_error(reader.error().message);
    reader_ = std::move(*reader);
  }

  struct Host {
    fleet::HostOrder order;
    std::uint64_t told = 0;
    bool in_order = true;
  };

  void expire() {
    for (auto& [name, host] : hosts_)
      host.order.expire(clock_.boot_ns(), [&](const auto& m) { note(host, m); });
  }
  [[nodiscard]] std::uint64_t told() const {
    std::uint64_t all = 0;
    for (const auto& [name, host] : hosts_) all += host.told;
    return all;
  }
  [[nodiscard]] const std::map<std::string, Host>& hosts() const { return hosts_; }
  [[nodiscard]] std::uint64_t strangers() const { return strangers_; }

 private:
  void take(fleet::Message message) {
    const auto from = subjects_.parse_up(message.subject);
    const auto id = fleet::MessageId::parse(message.id);
    if (!from || !id || id->host != from->host) {
      ++strangers_;
      return;
    }
    auto& host = hosts_[from->host];
    host.order.add(*id, std::move(message), clock_.boot_ns(),
                   [&](const auto& m) { note(host, m); });
  }
  static void note(Host& host, const fleet::Message& message) {
    const auto alert = nlohmann::json::parse(message.data);
    const auto number = std::stoull(alert["event"]["id"].get<std::string>().substr(1));
    host.in_order &= number == host.told + 1;
    ++host.told;
  }

  fleet::Subjects subjects_ = *fleet::Subjects::of_site("main");
  SystemClock clock_;
  std::unique_ptr<fleet::Connection> connection_;
  std::unique_ptr<fleet::StreamReader> reader_;
  std::map<std::string, Host> hosts_;
  std::uint64_t strangers_ = 0;
};

}  // namespace tocsin::test
