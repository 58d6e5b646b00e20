// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/control_bench.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "base/limits.hpp"
#include "control/socket_address.hpp"

namespace tocsin::test {
namespace {

constexpr int kRoundsPerPump = 30;
constexpr unsigned kSweepUs = 1000;

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

class FileRecording final : public control::Recording {
 public:
  FileRecording(MemoryBackend& backend, Fd file) : backend_(backend), file_(std::move(file)) {}
  ~FileRecording() override { ++backend_.recordings_ended; }
  Result<nlohmann::json> finish() override {
    static constexpr std::string_view kBytes = "a recording";
    if (write(file_.get(), kBytes.data(), kBytes.size()) < 0)
      return fail(ErrorCode::kIo, "cannot write the recording");
    return nlohmann::json{{"events", 3}, {"bytes", kBytes.size()}, {"lost", 0}};
  }

 private:
  MemoryBackend& backend_;
  Fd file_;
};

}  // namespace

Result<nlohmann::json> MemoryBackend::status() {
  return nlohmann::json{{"pid", getpid()}};
}

Result<control::ItemSource> MemoryBackend::alerts(const control::AlertFilter& filter) {
  std::vector<std::string> pass;
  for (const auto& line : kept_alerts) {
    const auto alert = nlohmann::json::parse(line);
    if (filter.since_ns && alert.value("ns", std::int64_t{0}) < *filter.since_ns) continue;
    if (parse_severity(alert.value("severity", "high")) < filter.least) continue;
    pass.push_back(line);
  }
  if (alerts_break)
    return [items = control::items_of(std::move(pass)),
            error = *alerts_break]() mutable -> Result<std::optional<std::string>> {
      auto item = items();
      if (item && !*item) return std::unexpected(error);
      return item;
    };
  return control::items_of(std::move(pass));
}

Result<std::string> MemoryBackend::explain(std::string_view alert_id) {
  for (const auto& line : kept_alerts)
    if (nlohmann::json::parse(line).value("id", "").starts_with(alert_id)) return line;
  return fail(ErrorCode::kNotFound, "no such alert");
}

Result<control::ItemSource> MemoryBackend::beacons(double least_score) {
  return control::items_of({nlohmann::json{{"score", least_score}}.dump()});
}

Result<control::ItemSource> MemoryBackend::events(control::EventKindMask kinds) {
  std::vector<std::string> pass;
  for (const auto& line : kept_events)
    if (control::event_kind_bit(nlohmann::json::parse(line).value("kind", "")) & kinds)
      pass.push_back(line);
  return control::items_of(std::move(pass));
}

Result<control::ItemSource> MemoryBackend::who() {
  return control::items_of({R"({"user":"alice"})"});
}

Result<nlohmann::json> MemoryBackend::indicators() {
  return nlohmann::json{{"sets", nlohmann::json::array()}, {"total", 0}};
}

Result<nlohmann::json> MemoryBackend::check(std::string_view value) {
  return nlohmann::json{{"value", value}, {"matches", nlohmann::json::array()}};
}

void MemoryBackend::hunt(control::HuntRequest request, control::Done done) {
  hunts.push_back(std::move(request));
  if (hunts_wait) return waiting.push_back(std::move(done));
  done(nlohmann::json{{"asked", hunts.back().values.size()}});
}

void MemoryBackend::contacts(control::ContactRequest request, control::Done done) {
  contact_requests.push_back(std::move(request));
  done(nlohmann::json{{"contacts", nlohmann::json::array()}});
}

void MemoryBackend::coverage(control::CoverageRequest request, control::Done done) {
  coverage_requests.push_back(request);
  done(nlohmann::json{{"runs", 1}});
}

void MemoryBackend::first_seen(WallNs since_ns, control::Done done) {
  done(nlohmann::json{{"since", since_ns}, {"seen", nlohmann::json::array()}});
}

void MemoryBackend::reload(control::Done done) {
  ++reloads;
  if (on_reload) on_reload();
  done(nlohmann::json{{"sets", 0}});
}

void MemoryBackend::import_set(control::ImportRequest request, control::Done done) {
  imports.push_back(std::move(request));
  done(nlohmann::json{{"set", imports.back().set}});
}

void MemoryBackend::remove_set(std::string, control::Done done) {
  waiting.push_back(std::move(done));
}

void MemoryBackend::roll_back_feed(std::string set, control::Done done) {
  done(fail(ErrorCode::kNotFound, "no earlier version of " + set));
}

Result<control::ItemSource> MemoryBackend::export_rows(std::string_view set) {
  return control::items_of({R"({"set":")" + std::string(set) + "\"}"});
}

Result<control::ItemSource> MemoryBackend::review_rows(std::string_view) {
  return control::items_of({});
}

Result<nlohmann::json> MemoryBackend::isolate(const control::IsolateRequest& request) {
  isolations.push_back(request);
  return nlohmann::json{{"state", "on"}};
}

Result<nlohmann::json> MemoryBackend::release() {
  return nlohmann::json{{"state", "off"}};
}

Result<control::ItemSource> MemoryBackend::indicator_domains() {
  return control::items_of({R"({"domains":["evil.example"]})"});
}

Result<nlohmann::json> MemoryBackend::resolved(const std::vector<control::ResolvedName>& names) {
  resolved_names = names;
  return nlohmann::json{{"learned", names.size()}};
}

Result<nlohmann::json> MemoryBackend::feed_report(const nlohmann::json& feeds,
                                                  const nlohmann::json& webhooks) {
  reported_feeds = feeds;
  reported_webhooks = webhooks;
  return nlohmann::json{{"feeds", feeds.size()}};
}

Result<nlohmann::json> MemoryBackend::feeds() {
  return nlohmann::json{{"feeds", reported_feeds}};
}

Result<nlohmann::json> MemoryBackend::update_feed(std::string_view feed, bool) {
  return nlohmann::json{{"asked", feed}};
}

void MemoryBackend::self_test(control::Done done) {
  done(nlohmann::json{{"passed", true}});
}

Result<std::unique_ptr<control::Recording>> MemoryBackend::record(Fd file) {
  return std::make_unique<FileRecording>(*this, std::move(file));
}

ControlBench::ControlBench(std::string group) : loop(must(EventLoop::create())) {
  server = must(control::Server::start({loop, backend, clock}, options(std::move(group))));
}

control::ServerOptions ControlBench::options(std::string group) const {
  control::ServerOptions options;
  options.path = path();
  options.group = std::move(group);
  options.sweep_us = kSweepUs;
  return options;
}

void ControlBench::pump() {
  const auto turn = [&] {
    for (int round = 0; round < kRoundsPerPump; ++round)
      if (!loop.run_once(0)) throw std::runtime_error("the loop failed");
  };
  turn();
  usleep(kSweepUs + kSweepUs / 2);  // the sweep looks at the virtual clock, but comes in real time
  turn();
}

RawClient::RawClient(const std::string& path)
    : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      reader_(limits::kControlBacklogBytesMax) {
  const auto address = must(control::socket_address(path));
  connected_ = ::connect(socket_.get(), address.get(), address.length) == 0;
}

std::size_t RawClient::send_bytes(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  return sent;
}

void RawClient::send_frame(std::string_view payload) {
  std::string bytes;
  control::append_frame(bytes, payload);
  send_bytes(bytes);
}

void RawClient::ask(std::uint64_t id, const std::string& command, const nlohmann::json& arguments) {
  send_frame(control::request_payload({id, command, arguments}));
}

std::vector<nlohmann::json> RawClient::take() {
  std::vector<nlohmann::json> frames;
  std::array<char, 64 * 1024> bytes;
  for (;;) {
    const ssize_t n = recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) closed_ = true;
    if (n <= 0) return frames;
    reader_.feed({bytes.data(), static_cast<std::size_t>(n)});
    while (const auto payload = must(reader_.next()))
      frames.push_back(nlohmann::json::parse(*payload));
  }
}

void RawClient::end_of_input() {
  shutdown(socket_.get(), SHUT_WR);
}

}  // namespace tocsin::test
