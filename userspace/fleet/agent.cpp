// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/agent.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "fleet/alert_follower.hpp"
#include "fleet/credentials.hpp"
#include "fleet/digests.hpp"
#include "fleet/event_follower.hpp"
#include "fleet/hunt_responder.hpp"
#include "fleet/server_version.hpp"
#include "fleet/set_follower.hpp"

namespace tocsin::fleet {
namespace {

constexpr std::uint64_t kLookEveryUs = 1'000'000;
constexpr Milliseconds kVersionWait{3'000};

// One agent for each state folder, until it ends: two would send the same numbers twice.
Result<Fd> lock_state(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno("opening " + folder, errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return fail_errno("locking " + folder, errno);
  return fail(ErrorCode::kBusy, folder + ": another tocsin-fleet runs on it; stop that first");
}

}  // namespace

Agent::Agent(const Config& config, Subjects subjects)
    : config_(config), subjects_(std::move(subjects)) {}

Agent::~Agent() {
  worker_.reset();  // its jobs use the parts
}

Result<std::unique_ptr<Agent>> Agent::start(const Config& config) {
  TOCSIN_TRY(auto subjects, Subjects::of_site(config.fleet.site));
  std::unique_ptr<Agent> agent(new Agent(config, std::move(subjects)));
  TOCSIN_TRY_VOID(agent->open());
  return agent;
}

Result<void> Agent::open() {
  TOCSIN_TRY(auto tls, host_credentials(config_.fleet));
  TOCSIN_TRY(const auto own, name_in(tls.certificate));
  if (!is_subject_name(own))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("the certificate is of '{}', which is no host of a fleet: tocsin fleet "
                            "enroll makes one",
                            printable(own, 80)));
  TOCSIN_TRY(const auto validity, validity_of(tls.certificate));
  if (const auto end = end_near(validity.until_ns, clock_.wall_ns()))
    spdlog::warn("the certificate of {} {}: docs/fleet.md, \"Renewal\"", own, *end);
  const auto host = config_.fleet.host.empty() ? own : config_.fleet.host;
  if (host != own)
    spdlog::warn("fleet.host is {}, but the certificate is of {}: the broker will refuse us", host,
                 own);
  TOCSIN_TRY(lock_, lock_state(config_.fleet.state_dir));
  TOCSIN_TRY(loop_, EventLoop::create());
  for (const int signal : {SIGTERM, SIGINT}) {
    TOCSIN_TRY(auto source, loop_->watch_signal(signal, [this] { loop_->stop(); }));
    signals_.push_back(std::move(source));
  }
  TOCSIN_TRY(worker_, Worker::start(*loop_));
  TOCSIN_TRY(connection_,
             Connection::open(*loop_, {.servers = brokers_of_host(config_.fleet.servers),
                                       .user = host,
                                       .tls = std::move(tls)}));
  context_.reset(new AgentContext{
      .config = config_,
      .subjects = subjects_,
      .host = host,
      .clock = clock_,
      .loop = *loop_,
      .worker = *worker_,
      .connection = *connection_,
      .validity = validity,
      .ship = [this](Kind kind, std::string_view data) { return ship(kind, data); },
      .beat_soon = [this] { beats_->soon(); }});
  TOCSIN_TRY(spool_, Spool::open({.folder = config_.fleet.state_dir,
                                  .bytes_max = config_.fleet.spool_max_bytes}));
  make_parts();
  for (auto& part : parts_) TOCSIN_TRY_VOID(part->start());
  TOCSIN_TRY(timer_, loop_->add_timer(kLookEveryUs, [this] { look(); }));
  connection_->on_change([this](bool up) { on_change(up); });
  return {};
}

// Everything that an agent does, in the order in which it is started.
void Agent::make_parts() {
  auto& context = *context_;
  const auto add = [this](auto part) {
    auto* raw = part.get();
    parts_.push_back(std::move(part));
    return raw;
  };
  const auto& socket = config_.control.socket;
  shipper_ = add(std::make_unique<Shipper>(context, *spool_));
  add(std::make_unique<AlertFollower>(context, *spool_, *shipper_));
  add(std::make_unique<SetFollower>(context, import_into_daemon(socket)));
  add(std::make_unique<HuntResponder>(context, ask_daemon(socket)));
  add(std::make_unique<Digests>(context, *spool_, *shipper_));
  add(std::make_unique<EventFollower>(context));
  beats_ = add(std::make_unique<Beats>(context, *spool_, [this](nlohmann::json& beat) {
    for (const auto& part : parts_) part->describe(beat);
  }));
}

Result<void> Agent::ship(Kind kind, std::string_view data) {
  TOCSIN_TRY_VOID(spool_->put(kind, data));
  // A question is remembered as answered after this: its answer has to be on the disk before.
  if (kind == Kind::kReply) TOCSIN_TRY_VOID(spool_->commit());
  shipper_->poke();
  return {};
}

Result<void> Agent::run() {
  sd_notify(0, "READY=1");
  auto ended = loop_->run();
  sd_notify(0, "STOPPING=1");
  if (const auto kept = spool_->commit(); !kept) spdlog::error("spool: {}", kept.error().message);
  if (ended && refused_)
    return fail(ErrorCode::kPermission,
                fmt::format("the broker will not have us: {}", connection_->last_error()));
  return ended;
}

void Agent::on_change(bool up) {
  const auto server = connection_->server();
  if (up) {
    spdlog::info("connected to {}", server);
    worker_->submit([server]() -> Worker::OnLoop {
      const auto version = ask_server_version(server, kVersionWait);
      return [version] {
        if (const auto holes = version ? holes_of(*version) : std::nullopt)
          spdlog::warn("{}", *holes);
      };
    });
  } else {
    spdlog::warn("no connection to a broker: {}", connection_->last_error());
  }
  for (auto& part : parts_) part->connected(up);
}

// The library gives up for good when it is refused twice; systemd starts us again, later.
void Agent::look() {
  timer_.rearm_us(kLookEveryUs);
  refused_ = connection_->gave_up();
  if (refused_) loop_->stop();
}

}  // namespace tocsin::fleet
