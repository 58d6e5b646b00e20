// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "fleet/hunt_responder.hpp"
#include "fleet/set_follower.hpp"
#include "fleet/shipper.hpp"
#include "fleet/spool.hpp"
#include "fleet/store.hpp"
#include "history/hunt.hpp"
#include "history/hunt_json.hpp"
#include "indicators/store.hpp"
#include "support/fleet_fixture.hpp"
#include "support/history_builder.hpp"
#include "support/temp_dir.hpp"

// Hosts of a fleet as their agents run them: the real parts over a real connection of their own,
// each with its own spool, its own history files and its own compiled indicators. Left out is the
// daemon: history and indicators are used in this process.
namespace tocsin::test {

struct AgentKeys {
  std::vector<std::string> sets, hunts;
  double stagger_s = 0;
};

class AgentHost {
 public:
  AgentHost(EventLoop& loop, const NatsLab& lab, std::string name, const AgentKeys& keys)
      : loop_(loop), lab_(lab), name_(std::move(name)) {
    config_.fleet.sets = {"fleet"};
    config_.fleet.set_keys = keys.sets;
    config_.fleet.hunt_keys = keys.hunts;
    config_.fleet.stagger_s = keys.stagger_s;
    config_.fleet.state_dir = dir_.path().string();
  }

  // Where its history is to be written before it goes up.
  [[nodiscard]] std::filesystem::path history() const { return dir_ / "history"; }

  // Connects and starts its parts; again after down(), as after a restart.
  void up() {
    auto options = host_options(lab_, name_);
    connection_ = connect(loop_, std::move(options));
    worker_ = must(Worker::start(loop_));
    context_.reset(new fleet::AgentContext{
        .config = config_,
        .subjects = subjects_,
        .host = name_,
        .clock = clock_,
        .loop = loop_,
        .worker = *worker_,
        .connection = *connection_,
        .ship = [this](fleet::Kind kind, std::string_view data) { return ship(kind, data); },
        .beat_soon = [this] { ++beats_due; }});
    spool_.emplace(must(fleet::Spool::open({.folder = dir_.path(), .bytes_max = 64UL << 20})));
    auto shipper = std::make_unique<fleet::Shipper>(*context_, *spool_);
    shipper_ = shipper.get();
    parts_.push_back(std::move(shipper));
    auto sets = std::make_unique<fleet::SetFollower>(
        *context_, [this](const fleet::SetOffer& offer, std::string_view content) {
          return import_set(offer, content);
        });
    parts_.push_back(std::move(sets));
    parts_.push_back(std::make_unique<fleet::HuntResponder>(
        *context_, [this](const fleet::HuntQuestion& question) { return ask(question); }));
    for (auto& part : parts_) must(part->start());
    connection_->on_change([this](bool is_up) {
      for (auto& part : parts_) part->connected(is_up);
    });
  }
  void down() {
    worker_.reset();
    parts_.clear();
    spool_.reset();
    context_.reset();
    connection_.reset();
  }
  ~AgentHost() { down(); }

  // As the next beat would have it.
  [[nodiscard]] nlohmann::json beat() const {
    auto out = nlohmann::json::object();
    for (const auto& part : parts_) part->describe(out);
    return out;
  }
  // The sequence of the set that it matches with; 0: none.
  [[nodiscard]] std::uint64_t sequence() const {
    return beat()["sets"]["fleet"].value("sequence", 0U);
  }
  [[nodiscard]] std::string set_state() const { return beat()["sets"]["fleet"].value("state", ""); }
  [[nodiscard]] std::string set_message() const {
    return beat()["sets"]["fleet"].value("message", "");
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] fleet::Connection& connection() { return *connection_; }
  // What it matches with.
  [[nodiscard]] std::uint64_t indicators() const { return indicators_; }

  int beats_due = 0;

 private:
  // Hosts have processors and memory of their own; here they compile two at a time.
  struct Turn {
    Turn() { free().acquire(); }
    ~Turn() { free().release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    static std::counting_semaphore<>& free() {
      static std::counting_semaphore<> two(2);
      return two;
    }
  };

  template <typename T>
  static T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  Result<void> ship(fleet::Kind kind, std::string_view data) {
    TOCSIN_TRY_VOID(spool_->put(kind, data));
    shipper_->poke();
    return {};
  }

  // As the daemon answers `hunt`.
  Result<nlohmann::json> ask(const fleet::HuntQuestion& question) const {
    TOCSIN_TRY(auto reader, HistoryReader::open(history()));
    HuntOptions options;
    options.since_ns = question.since_ns;
    options.now_ns = clock_.wall_ns();
    TOCSIN_TRY(const auto report, hunt(reader, question.values, options));
    return to_json(reader, report);
  }

  // As the daemon takes a feed: the file, then the whole read, judged, compiled and searched.
  Result<void> import_set(const fleet::SetOffer& offer, std::string_view content) {
    dir_.write("feeds/" + offer.manifest.set + ".ioc", content);
    const Turn turn;
    TOCSIN_TRY(auto store, IndicatorStore::create({dir_ / "feeds"}));
    TOCSIN_TRY_VOID(store.reload(clock_.wall_ns()));
    indicators_ = store.current()->size();
    return {};
  }

  TempDir dir_;
  EventLoop& loop_;
  const NatsLab& lab_;
  std::string name_;
  Config config_;
  fleet::Subjects subjects_ = fleet::Subjects::of_site("main").value();
  SystemClock clock_;
  std::atomic<std::uint64_t> indicators_{0};
  std::unique_ptr<fleet::Connection> connection_;
  std::unique_ptr<fleet::AgentContext> context_;
  std::optional<fleet::Spool> spool_;
  fleet::Shipper* shipper_ = nullptr;  // of parts_
  std::vector<std::unique_ptr<fleet::Part>> parts_;
  std::unique_ptr<Worker> worker_;
};

// A host that was watched without a gap until now, and asked for these names.
inline void write_history(const AgentHost& host, const std::vector<std::string>& names) {
  const auto now = SystemClock().wall_ns();
  HistoryBuilder builder(host.history());
  builder.run({.started_ns = now - 30 * kDay, .alive_ns = now + kHour, .stopped_ns = {}});
  for (const auto& name : names) builder.name(name, now - 9 * kDay, now - 8 * kDay, 12);
}

inline std::vector<std::string> host_names(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i <= count; ++i) out.push_back("host-" + std::to_string(i));
  return out;
}

}  // namespace tocsin::test
