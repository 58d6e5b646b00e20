// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/relay.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/limits.hpp"
#include "base/metrics_writer.hpp"
#include "base/text.hpp"
#include "intake/bring_set.hpp"
#include "relay/feed_update.hpp"
#include "relay/file_time.hpp"

namespace tocsin::relay {

using nlohmann::json;

namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr std::uint64_t kDaemonWaitMostS = 30;
constexpr std::uint64_t kDomainsEveryS = 300;
constexpr BootNs kReportEveryNs = 2'000'000'000;  // of webhooks, which change with each alert

}  // namespace

Relay::Relay(const Config& config, Guard guard) : config_(config), guard_(std::move(guard)) {}

Relay::~Relay() {
  stop_ = true;
}

Result<std::unique_ptr<Relay>> Relay::start(const Config& config) {
  TOCSIN_TRY(auto guard, Guard::load());
  std::unique_ptr<Relay> relay(new Relay(config, std::move(guard)));
  TOCSIN_TRY_VOID(relay->open());
  return relay;
}

Result<void> Relay::open() {
  lists_ = Warninglists::of_host(config_.state_dir);
  for (const auto& fault : lists_.faults())
    spdlog::warn("guard list {}: {}", fault.file.string(), fault.reason);
  std::error_code error;
  std::filesystem::create_directories(config_.relay.state_dir, error);
  if (error)
    return fail(ErrorCode::kIo,
                fmt::format("relay.state_dir {}: {}", config_.relay.state_dir, error.message()));
  TOCSIN_TRY(states_, load_feed_states(states_file()));
  TOCSIN_TRY(loop_, EventLoop::create());
  for (const int signal : {SIGTERM, SIGINT}) {
    TOCSIN_TRY(auto source, loop_->watch_signal(signal, [this] {
      stop_ = true;
      loop_->stop();
    }));
    sources_.push_back(std::move(source));
  }
  TOCSIN_TRY(auto hangup, loop_->watch_signal(SIGHUP, [this] {
    feeds_mtime_ns_ = -1;
    webhooks_->reread();
  }));
  sources_.push_back(std::move(hangup));
  if (config_.resolve.enabled) {
    Resolver::Options options{config_.resolve.servers, config_.resolve.per_second,
                              static_cast<std::uint64_t>(config_.resolve.floor_s),
                              static_cast<std::uint64_t>(config_.resolve.ceiling_s)};
    Resolver::Callbacks callbacks;
    callbacks.is_sinkhole = [this](const IpAddress& a) { return tocsin::is_sinkhole(lists_, a); };
    callbacks.on_answer = [this](Resolver::Answer a) { answers_.push(std::move(a)); };
    TOCSIN_TRY(resolver_,
               Resolver::start(*loop_, clock_, std::move(options), std::move(callbacks)));
  }
  TOCSIN_TRY_VOID(open_metrics());
  webhooks_ = std::make_unique<WebhookDesk>(
      WebhookDesk::Parts{.loop = *loop_,
                         .clock = clock_,
                         .file = config_.relay.webhooks,
                         .spool = config_.relay.state_dir + "/spool.db",
                         .spool_bytes_max = config_.relay.spool_max_bytes,
                         .socket = config_.control.socket});
  TOCSIN_TRY(timer_, loop_->add_timer(0, [this] { second(); }));
  TOCSIN_TRY(worker_, Worker::start(*loop_));
  return {};
}

// On the socket that the service manager opened, or where the configuration says.
Result<void> Relay::open_metrics() {
  const auto page = [this] { return metrics_page(); };
  TOCSIN_TRY(auto socket, MetricsListener::inherited());
  if (socket) {
    TOCSIN_TRY(metrics_, MetricsListener::start(*loop_, clock_, std::move(*socket), page));
    spdlog::info("metrics: on the service manager's socket");
  } else if (const auto& listen = config_.relay.metrics_listen; !listen.empty()) {
    TOCSIN_TRY(metrics_, MetricsListener::start(*loop_, clock_, listen, page));
    spdlog::info("metrics: port {}", metrics_->port());
  }
  return {};
}

Result<void> Relay::run() {
  sd_notify(0, "READY=1");
  auto result = loop_->run();
  sd_notify(0, "STOPPING=1");
  return result;
}

void Relay::second() {
  timer_.rearm_us(kSecondUs);
  if (metrics_) metrics_->tick();
  if (!orders_) connect();
  if (mtime_ns(config_.relay.feeds) != feeds_mtime_ns_) read_feeds();
  webhooks_->tick();
  if (orders_) start_due_feeds();
  if (orders_ && webhooks_->changed() && clock_.boot_ns() >= next_report_ns_) report();
  if (orders_ && resolver_ && clock_.boot_ns() >= next_domains_ns_) fetch_domains();
  if (orders_ && !answers_.empty()) send_resolved();
}

// ---- The daemon

void Relay::connect() {
  if (clock_.boot_ns() < next_connect_ns_) return;
  auto orders = control::Client::connect(config_.control.socket);
  auto commands = orders ? control::Client::connect(config_.control.socket)
                         : Result<control::Client>(std::unexpected(orders.error()));
  auto hello =
      commands ? orders->request("relay-hello") : Result<void>(std::unexpected(commands.error()));
  const auto greeted =
      hello ? orders->next()
            : Result<std::optional<control::Client::Item>>(std::unexpected(hello.error()));
  if (!greeted) {
    const auto wait_s = std::min(kDaemonWaitMostS,
                                 std::uint64_t{1} << std::min<std::uint64_t>(connect_failures_, 5));
    next_connect_ns_ = clock_.boot_ns() + wait_s * 1'000'000'000;
    if (connect_failures_++ == 0) spdlog::warn("no tocsind: {}", greeted.error().message);
    return;
  }
  connect_failures_ = 0;
  orders_ = std::move(*orders);
  commands_ = std::move(*commands);
  auto watched =
      loop_->watch_fd(orders_->socket_fd(), EPOLLIN, [this](std::uint32_t) { on_daemon(); });
  if (!watched) return disconnect(watched.error().message);
  orders_source_ = std::move(*watched);
  next_domains_ns_ = 0;
  spdlog::info("connected to tocsind {}", orders_->server_version());
  report();
}

void Relay::disconnect(const std::string& why) {
  spdlog::warn("tocsind is gone: {}", why);
  orders_source_ = {};
  orders_.reset();
  commands_.reset();
  next_connect_ns_ = clock_.boot_ns() + 1'000'000'000;
}

void Relay::on_daemon() {
  do {
    const auto item = orders_->next();
    if (!item || !*item)
      return disconnect(item ? "it ended the conversation" : item.error().message);
    if ((*item)->lost == 0) take_order((*item)->json);
  } while (orders_ && orders_->has_buffered());
}

void Relay::take_order(const std::string& json_text) {
  const auto order = json::parse(json_text, nullptr, false);
  if (!order.is_object() || order.value("order", "") != "update") return;
  const auto name = order.value("feed", "");
  const bool accept = order.value("accept_shrunk", false);
  read_feeds();
  for (const auto& feed : feeds_.feeds)
    if (name.empty() || feed.name == name) begin_update(feed, accept);
}

Result<json> Relay::ask(const std::string& command, const json& arguments) {
  if (!commands_) return fail(ErrorCode::kNotFound, "not connected to tocsind");
  // A command needs a live connection, and one that was idle too long is closed by the daemon.
  auto answer = commands_->ask(command, arguments);
  if (answer || !commands_->lost_connection()) return answer;
  auto again = control::Client::connect(config_.control.socket);
  if (!again) return std::unexpected(std::move(again).error());
  commands_ = std::move(*again);
  return commands_->ask(command, arguments);
}

void Relay::report() {
  next_report_ns_ = clock_.boot_ns() + kReportEveryNs;
  json list = json::array();
  for (const auto& feed : feeds_.feeds) {
    const auto it = states_.find(feed.name);
    auto entry = to_json(feed.name, it == states_.end() ? FeedState() : it->second);
    entry["set"] = feed.set;
    entry["url"] = told_address(feed);
    if (updating_.contains(feed.name)) entry["updating"] = true;
    list.push_back(std::move(entry));
  }
  for (const auto& fault : feeds_.faults)
    list.push_back({{"name", "feeds.toml"}, {"state", "fault"}, {"message", fault.to_string()}});
  const json report = {{"feeds", std::move(list)}, {"webhooks", webhooks_->report()}};
  if (const auto told = ask("feed-report", report); !told && orders_)
    spdlog::warn("telling tocsind about feeds and webhooks: {}", told.error().message);
}

// ---- Feeds

void Relay::read_feeds() {
  feeds_mtime_ns_ = mtime_ns(config_.relay.feeds);
  feeds_ = load_feeds(config_.relay.feeds);
  for (const auto& fault : feeds_.faults) spdlog::error("{}", fault.to_string());
  spdlog::info("{} feeds", feeds_.feeds.size());
  if (orders_) report();
}

void Relay::start_due_feeds() {
  const auto now = clock_.wall_ns();
  for (const auto& feed : feeds_.feeds) {
    const auto it = states_.find(feed.name);
    // Further off than any wait: it was set by a clock that was ahead.
    const auto longest = 2 * static_cast<WallNs>(feed.interval_s) * kNsPerSecond;
    if (it == states_.end() || it->second.next_try_ns <= now ||
        it->second.next_try_ns > now + longest || it->second.url != address_mark(feed))
      begin_update(feed, false);
  }
}

void Relay::begin_update(const FeedConfig& feed, bool accept_shrunk) {
  if (!updating_.insert(feed.name).second) return;
  worker_->submit([this, feed, before = states_[feed.name], accept_shrunk]() -> Worker::OnLoop {
    const FeedUpdate update(
        {.clock = clock_,
         .guard = guard_,
         .lists = lists_,
         .import =
             [this](const std::string& set, std::string_view native, bool may_shrink) {
               return intake::bring_set(config_.control.socket, {set, native, may_shrink});
             },
         .stop = &stop_});
    auto state = update.run(feed, before, accept_shrunk);
    return [this, feed, state = std::move(state)]() mutable { end_update(feed, std::move(state)); };
  });
}

void Relay::end_update(const FeedConfig& feed, FeedState state) {
  updating_.erase(feed.name);
  const double jitter = std::uniform_real_distribution<>(0, 1)(random_);
  state.next_try_ns = next_try(feed, state, clock_.wall_ns(), jitter);
  if (state.state == "ok")
    spdlog::info("feed {}: {} indicators", feed.name, state.indicators);
  else
    spdlog::warn("feed {}: {}: {}", feed.name, state.state, state.message);
  states_.insert_or_assign(feed.name, std::move(state));
  if (auto saved = save_feed_states(states_file(), states_); !saved)
    spdlog::error("{}: an old version of a feed could pass for new after a restart",
                  saved.error().message);
  if (orders_) report();
}

// ---- Look-ups

void Relay::fetch_domains() {
  next_domains_ns_ = clock_.boot_ns() + kDomainsEveryS * 1'000'000'000;
  auto client = control::Client::connect(config_.control.socket);
  const auto sent =
      client ? client->request("indicator-domains") : Result<void>(std::unexpected(client.error()));
  if (!sent) return spdlog::warn("asking for the indicators' names: {}", sent.error().message);
  std::vector<std::string> names;
  for (;;) {
    const auto item = client->next();
    if (!item) return spdlog::warn("asking for the indicators' names: {}", item.error().message);
    if (!*item) break;
    const auto chunk = json::parse((*item)->json, nullptr, false);
    const auto list = chunk.find("domains");
    if (list == chunk.end() || !list->is_array()) continue;
    for (const auto& name : *list)
      if (name.is_string()) names.push_back(name.get<std::string>());
  }
  resolver_->set_names(names);
}

void Relay::send_resolved() {
  const auto batch = answers_.front(limits::kResolvedBatchMax);
  json list = json::array();
  for (const auto* answer : batch) {
    json addresses = json::array();
    for (const auto& address : answer->addresses) addresses.push_back(address.to_string());
    list.push_back({{"domain", answer->domain},
                    {"addresses", std::move(addresses)},
                    {"ttl", answer->ttl_s},
                    {"server", answer->server}});
  }
  const auto told = ask("resolved", {{"names", std::move(list)}});
  if (told) return answers_.pop_told(batch.size());
  spdlog::warn("telling tocsind what names lead to: {}", told.error().message);
  // What did not reach it goes again; what it would not have would be refused for ever.
  if (!commands_ || commands_->lost_connection()) return;
  answers_.pop_refused(batch.size());
}

// ---- Metrics

std::string Relay::metrics_page() {
  const auto answer = ask("metrics", json::object());
  const auto text = answer ? answer->find("text") : json::const_iterator();
  const bool up = answer && text != answer->end() && text->is_string();
  MetricsWriter own;
  own.family("tocsin_up", MetricsWriter::Type::kGauge, "Whether tocsind answered the relay.");
  own.sample(std::uint64_t{up ? 1U : 0U});
  own.family("tocsin_relay_answers_dropped_total", MetricsWriter::Type::kCounter,
             "Answers about indicator names that tocsind was not told: no room, or refused.");
  own.sample(answers_.dropped());
  return own.take() + (up ? text->get<std::string>() : std::string());
}

}  // namespace tocsin::relay
