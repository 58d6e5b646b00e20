// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/daemon.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "alert/message.hpp"
#include "base/cgroup2_root.hpp"
#include "daemon/instance_lock.hpp"
#include "daemon/make_sinks.hpp"
#include "daemon/privileges.hpp"
#include "process/procfs_scan.hpp"

namespace tocsin {
namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;
// Programs that were running before: this many every step, so that new ones are never kept waiting.
constexpr std::size_t kJudgeBudget = 16;
constexpr std::uint64_t kJudgeStepUs = 20'000;
constexpr std::uint64_t kCacheSaveSeconds = 300;
constexpr std::chrono::milliseconds kSinksStopMost{3000};
constexpr std::chrono::milliseconds kHistoryStopMost{5000};
// Kernel events are answered before clients are.
constexpr int kCapturePriority = -10;

bool colour_stdout() {
  return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

std::string hash_cache_path(const Config& config) {
  return config.state_dir + "/hashes.cache";
}

// The hash queue holds an open file per entry.
void raise_open_files_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Daemon::Daemon(Options options)
    : options_(std::move(options)),
      started_ns_(clock_.wall_ns()),
      boot_epoch_ns_(boot_epoch_ns(clock_)) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(Options options) {
  std::unique_ptr<Daemon> d(new Daemon(std::move(options)));
  raise_open_files_limit();
  TOCSIN_TRY(d->loop_, EventLoop::create());
  // The resolver's socket lets nobody in who cannot write to other users' files: a right that is
  // not kept. A connection made now lasts as long as the resolver.
  TOCSIN_TRY_VOID(d->watch_resolver());
  const auto& response = d->options_.config.response;
  TOCSIN_TRY(d->policy_, ResponsePolicy::parse({.sets = response.sets,
                                                .severities = response.severities,
                                                .allow = response.allow,
                                                .dry_run = response.dry_run}));
  const bool kills = Responder::needs_kill(d->policy_);
  TOCSIN_TRY_VOID(keep_needed_capabilities(kills));
  // What is watched for comes before the hooks: the first event can match.
  TOCSIN_TRY_VOID(d->open_indicators());
  // Attached while this is the only thread, so that no other keeps the rights to attach.
  TOCSIN_TRY_VOID(d->open_kernel());
  TOCSIN_TRY_VOID(drop_attach_capabilities(kills));
  TOCSIN_TRY_VOID(d->open_outputs());
  TOCSIN_TRY_VOID(d->open_pipeline());
  // From here on events are consumed; what happened since the hooks attached waited in the ring.
  TOCSIN_TRY_VOID(d->start_consuming());
  TOCSIN_TRY_VOID(d->watch_world());
  return d;
}

Result<void> Daemon::open_indicators() {
  const auto& paths = options_.config.indicators.paths;
  TOCSIN_TRY(indicators_, IndicatorDesk::open(clock_, {.paths = {paths.begin(), paths.end()},
                                                       .state_dir = options_.config.state_dir}));
  return {};
}

Result<void> Daemon::open_kernel() {
  const auto groups = find_cgroup2_root();
  const auto runtime_folder =
      std::filesystem::path(options_.config.control.socket).parent_path().string();
  std::string foreign;
  TOCSIN_TRY(instance_lock_, take_instance_lock(groups.path, runtime_folder, &foreign));
  if (!foreign.empty()) spdlog::warn("{}", foreign);
  cgroups_.emplace(groups.path, cgroup_namespace_of_self(groups));
  auto source = BpfSource::open(
      {.ring_bytes = options_.config.capture.ring_bytes,
       .refused = options_.config.capture.disable_hooks,
       .costly = options_.config.capture.costly_hooks,
       .response = Responder::kernel_options(policy_, options_.config.response.refuse_questions)});
  if (!source)
    return std::unexpected(std::move(source).error().with_context(
        "attaching to the kernel (`tocsin doctor` tells more)"));
  source_ = std::move(*source);
  for (const auto& hook : source_->hooks())
    if (hook.state != HookState::kPrimary)
      spdlog::log(hook.state == HookState::kMissing ? spdlog::level::warn : spdlog::level::info,
                  "{}", describe(hook));
  return {};
}

Result<void> Daemon::open_outputs() {
  std::error_code state_fault;
  std::filesystem::create_directories(options_.config.state_dir, state_fault);
  sinks_ = make_sinks(options_.config.sinks);
  auto host = read_host_facts({.state_dir = options_.config.state_dir,
                               .os_release = options_.config.host.at("/etc/os-release")});
  if (const auto& name = options_.config.host.name; !name.empty()) host.hostname = name;
  host_name_ = host.hostname;
  desk_.emplace(AlertDesk::Parts{.clock = clock_,
                                 .sinks = sinks_.get(),
                                 .origin = {host, make_agent_facts(host)},
                                 .human = {.colour = colour_stdout()},
                                 .fold = {.window_ns = fold_window_ns()},
                                 .on_reported = [this](const RenderedAlert& alert) {
                                   if (history_) history_->on_reported(alert);
                                   if (server_)
                                     server_->publish_alert(alert.alert.severity, alert.json);
                                 }});
  TOCSIN_TRY(server_, control::Server::start({*loop_, *this, clock_},
                                             {.path = options_.config.control.socket,
                                              .group = options_.config.control.group,
                                              .relay_user = options_.config.control.relay_user,
                                              .fleet_user = options_.config.control.fleet_user}));
  if (!server_->note().empty()) spdlog::warn("{}", server_->note());
  TOCSIN_TRY_VOID(open_history());
  // Watching goes on without a memory, but nobody may find that out by chance.
  if (state_fault)
    health_alert(Severity::kMedium,
                 fmt::format("state_dir {}: {}: nothing is remembered over a restart",
                             options_.config.state_dir, state_fault.message()));
  return {};
}

Result<void> Daemon::open_pipeline() {
  HashServiceOptions hash_options;
  hash_options.max_bytes = options_.config.hash.max_bytes;
  hash_options.needs = {.sha1 = indicators_->store().need_sha1(),
                        .md5 = indicators_->store().need_md5()};
  TOCSIN_TRY(hashes_, HashService::create(hash_options));
  const auto cached = hashes_->load_cache(hash_cache_path(options_.config));
  if (!cached) {
    spdlog::warn("hash cache: {}; starting without it", cached.error().message);
  } else if (!cached->remark.empty()) {
    spdlog::info("hash cache: {}", cached->remark);
  }
  event_log_.emplace([this](const std::string& kind,
                            const std::string& line) { server_->publish_event(kind, line); },
                     [this](std::string_view kind) {
                       return (server_->wanted_events() & control::event_kind_bit(kind)) != 0;
                     });
  guards_ = Warninglists::of_host(options_.config.state_dir);
  for (const auto& fault : guards_.faults())
    spdlog::warn("guard list {}: {}", fault.file.string(), fault.reason);
  TOCSIN_TRY(packets_, PacketNames::create({
                           .on_dns = [this](DnsEvent e) { pipeline_->on_event(std::move(e)); },
                           .on_hello = [this](HelloEvent e) { pipeline_->on_event(std::move(e)); },
                       }));
  TOCSIN_TRY_VOID(open_response());
  TOCSIN_TRY_VOID(open_self_proof());
  TOCSIN_TRY_VOID(open_context());
  TOCSIN_TRY_VOID(open_beacons());
  std::vector<Observer*> observers = {context_.get(), &context_->sessions(), proof_.get(),
                                      &beacons_->watch()};
  if (history_) observers.push_back(&history_->observer());
  observers.push_back(isolation_.get());
  TOCSIN_TRY(package_service_, PackageService::start(*loop_, {.root = options_.config.host.root},
                                                     [this] { packages_read(); }));
  pipeline_.emplace(Pipeline::Parts{
      .clock = clock_,
      .indicators = indicators_->store(),
      .processes = processes_,
      .cgroups = *cgroups_,
      .losses = losses_,
      .ids = ids_,
      .hashes = hashes_.get(),
      .packages = package_service_.get(),
      .accounts = options_.config.host.at(kAccounts),
      .packets = &*packets_,
      .event_log = &*event_log_,
      .on_alert =
          [this](Alert alert) {
            if (proof_->take(alert)) return;
            if (hindsight_) hindsight_->on_alert(alert);
            context_->take(std::move(alert));
          },
      .is_own = [this](ProcessId process) { return is_own(process); },
      .is_canary = [this](ProcessId process) { return proof_->is_canary(process); },
      .is_sinkhole = [this](const IpAddress& address) { return is_sinkhole(guards_, address); },
      .responder = responder_.get(),
      .on_digest = [this](const Process& process, bool script,
                          const HashResult& result) { record_digest(process, script, result); },
      .container_facts = [this](const std::string& id) { return context_->facts(id); },
      .session_of =
          [this](const auto& process) { return context_->sessions().session_of(process); },
      .observers = std::move(observers)});
  cgroups_->scan();
  processes_.seed(scan_procfs(*cgroups_, boot_epoch_ns_));
  context_->look_at(processes_);
  return {};
}

Result<void> Daemon::open_beacons() {
  BeaconKeeper::Parts parts{
      .loop = *loop_,
      .clock = clock_,
      .cgroups = *cgroups_,
      .losses = losses_,
      .ids = ids_,
      .indicators = indicators_->store(),
      .guards = guards_,
      .config = options_.config,
      .on_alert = [this](Alert alert) { context_->take(std::move(alert)); },
      .is_own = [this](ProcessId process) { return is_own(process); },
      .modules_of = [this](const ExecEvent& program,
                           ProcessId process) { return pipeline_->modules_of(program, process); }};
  TOCSIN_TRY(beacons_, BeaconKeeper::open(std::move(parts)));
  return {};
}

Result<void> Daemon::open_context() {
  TOCSIN_TRY(context_,
             ContextDesk::start({.loop = *loop_,
                                 .clock = clock_,
                                 .cgroups = *cgroups_,
                                 .state_folders = options_.config.containers.state_dirs,
                                 .host_root = options_.config.host.root,
                                 .on_alert = [this](Alert a) { desk_->add(std::move(a)); }}));
  return {};
}

Result<void> Daemon::start_consuming() {
  PacedConsumer::Callbacks callbacks;
  callbacks.on_event = [this](std::span<const std::byte> bytes) {
    if (recording_ != nullptr) recording_->on_wire(bytes);
    pipeline_->on_wire(bytes, boot_epoch_ns_);
  };
  callbacks.on_error = [](const Error& error) { spdlog::error("capture: {}", error.message); };
  PacedConsumer::Options pacing;
  pacing.priority = kCapturePriority;
  TOCSIN_TRY(consumer_,
             PacedConsumer::start({*loop_, *source_, clock_}, pacing, std::move(callbacks)));
  TOCSIN_TRY(auto hash_ready, loop_->watch_fd(
                                  hashes_->fd(), EPOLLIN,
                                  [this](std::uint32_t) {
                                    hashes_->drain([this](std::uint64_t ticket, HashResult result) {
                                      pipeline_->on_hash(ticket, std::move(result));
                                    });
                                  },
                                  kCapturePriority));
  sources_.push_back(std::move(hash_ready));
  return {};
}

Result<void> Daemon::watch_world() {
  for (const int signal : {SIGTERM, SIGINT}) {
    TOCSIN_TRY(auto stop_signal, loop_->watch_signal(signal, [this] { loop_->stop(); }));
    sources_.push_back(std::move(stop_signal));
  }
  TOCSIN_TRY(auto hangup, loop_->watch_signal(SIGHUP, [this] { reload({}); }));
  sources_.push_back(std::move(hangup));
  TOCSIN_TRY(second_timer_, loop_->add_timer(kSecondUs, [this] { second(); }));
  // What runs already is judged when it is known whose it is: packages_read() begins.
  TOCSIN_TRY(judge_timer_, loop_->add_timer(UINT64_MAX, [this] { judge_running_step(); }));
  if (hindsight_) hindsight_->look(indicators_->store().current());
  TOCSIN_TRY_VOID(indicators_->watch(
      *loop_,
      {.on_swapped = [this] { indicators_swapped(); },
       .on_trouble =
           [this](std::string message) { health_alert(Severity::kMedium, std::move(message)); }}));
  return {};
}

// Names of programs that ask systemd-resolved without a packet. What it tells is read by the loop,
// when the pipeline is there.
Result<void> Daemon::watch_resolver() {
  const auto& socket = options_.config.names.resolver_monitor;
  if (socket.empty()) return {};
  TOCSIN_TRY(resolver_, ResolverMonitor::start({*loop_, clock_, socket}, [this](DnsEvent event) {
               pipeline_->on_event(std::move(event));
             }));
  return {};
}

Result<void> Daemon::run() {
  sd_notify(0, "READY=1");
  auto result = loop_->run();
  stop();
  return result;
}

// The way down: what the kernel has told is still judged, what is known is still reported.
void Daemon::stop() {
  sd_notify(0, "STOPPING=1");
  if (consumer_ != nullptr) consumer_->look_now();
  watch_losses();
  isolation_->stop();
  beacons_->stop();
  context_->expire(/*all=*/true);
  desk_->flush();
  server_.reset();
  sinks_->stop(kSinksStopMost);
  // What is to be kept goes first: a hunt that runs may take longer than we are given.
  hindsight_.reset();
  if (hunts_ != nullptr) hunts_->stop();
  if (history_) history_->stop(kHistoryStopMost);
  if (const auto saved = hashes_->save_cache(); !saved)
    spdlog::warn("hash cache: {}", saved.error().message);
  hunts_.reset();
}

void Daemon::second() {
  second_timer_.rearm_us(kSecondUs);
  boot_epoch_ns_ = boot_epoch_ns(clock_);
  watch_losses();
  pipeline_->tick();
  response_second();
  beacons_->tick();
  context_->sessions().tick();
  hashes_->maintain();
  desk_->tick();
  if (history_) {
    history_->note_blind(proof_->history());
    for (auto& trouble : history_->second()) health_alert(Severity::kMedium, std::move(trouble));
  }
  indicators_->look_again();
  feed_watchdog();
  if (++seconds_ % kCacheSaveSeconds == 0) hashes_->save_cache_soon();
  if (const auto error = hashes_->take_save_error()) spdlog::warn("hash cache: {}", error->message);
}

// The relay looks indicator names up, because it is told to.
bool Daemon::is_own(ProcessId process) const {
  return server_ != nullptr && server_->is_relay(static_cast<pid_t>(process.pid));
}

void Daemon::judge_running_step() {
  if (pipeline_->judge_running(kJudgeBudget)) judge_timer_.rearm_us(kJudgeStepUs);
}

void Daemon::watch_losses() {
  static constexpr std::array<const char*, TW_KIND_COUNT> kStages = {"",
                                                                     "ring/fork",
                                                                     "ring/exec",
                                                                     "ring/exit",
                                                                     "ring/connect",
                                                                     "ring/connect-result",
                                                                     "ring/close",
                                                                     "ring/cgroup",
                                                                     "ring/dns-udp",
                                                                     "ring/dns-tcp",
                                                                     "ring/tcp-start",
                                                                     "ring/quic",
                                                                     "ring/module",
                                                                     "ring/refused"};
  const auto capture = source_->counters();
  for (std::size_t kind = TW_FORK; kind < TW_KIND_COUNT; ++kind)
    loss_watch_.observe(kStages[kind], capture.by_kind[kind].lost);
  for (const auto& program : capture.programs)
    loss_watch_.observe("kernel/" + program.name, program.recursion_misses);
  if (const auto answered = source_->answer_misses(); !answered) {
    if (!std::exchange(copy_refused_, true)) spdlog::warn("capture: {}", answered.error().message);
  } else if (*answered) {
    spdlog::warn(
        "this kernel skips runs of preempted programs: the exec hook has a second copy now");
  }
  loss_watch_.observe("decode", pipeline_->counters().decode_errors);
  const auto hash = hashes_->counters();
  constexpr auto kFull = static_cast<std::size_t>(HashMiss::kQueueFull);
  loss_watch_.observe("hash/queue", hash.executables.by_miss[kFull] + hash.scripts.by_miss[kFull] +
                                        hash.modules.by_miss[kFull]);
  loss_watch_.observe("processes", processes_.counters().evicted);
  const auto packets = packets_->counters();
  loss_watch_.observe("names/streams",
                      packets.streams.evicted + packets.dns_streams.evicted + packets.quic.evicted);
  loss_watch_.observe("names/cache", pipeline_->names().counters().evicted_addresses);
  if (history_) history_->observe_losses(loss_watch_);
  for (auto& loss : loss_watch_.take(clock_.wall_ns())) {
    spdlog::warn("lost {} at {}", loss.count, loss.stage);
    const auto stage = loss.stage;
    pipeline_->on_event(std::move(loss));
    health_alert(
        Severity::kMedium,
        fmt::format("events were lost at {}: answers about this time are incomplete", stage));
  }
}

void Daemon::indicators_swapped() {
  const auto& store = indicators_->store();
  hashes_->set_needs({.sha1 = store.need_sha1(), .md5 = store.need_md5()});
  // What runs now may have become known bad.
  pipeline_->rejudge_all();
  if (responder_) responder_->indicators_changed();
  if (hindsight_) hindsight_->look(store.current());
  judge_timer_.rearm_us(kJudgeStepUs);
}

void Daemon::packages_read() {
  const auto& reading = package_service_->reading();
  for (const auto& database : reading.databases)
    if (!database.error.empty())
      spdlog::warn("package database {}: {}", database.path.string(), database.error);
  if (packages_known_) return;
  packages_known_ = true;
  pipeline_->rejudge_all();
  judge_timer_.rearm_us(kJudgeStepUs);
}

void Daemon::record_digest(const Process& process, bool script, const HashResult& result) {
  if (recording_ == nullptr) return;
  const auto exec_ns = static_cast<BootNs>(process.image->exec.head.time_ns - boot_epoch_ns_);
  recording_->on_digest({process.id, exec_ns, script, result});
}

void Daemon::health_alert(Severity severity, std::string message) {
  Alert alert;
  alert.kind = AlertKind::kHealth;
  alert.severity = severity;
  alert.time_ns = alert.reported_ns = clock_.wall_ns();
  alert.id = ids_.next(alert.reported_ns);
  alert.loss = losses_.since(alert.time_ns - 60 * kNsPerSecond);
  alert.message = std::move(message);
  desk_->add(std::move(alert));
}

std::string Daemon::summary() const {
  std::size_t attached = 0;
  for (const auto& hook : source_->hooks()) attached += hook.state != HookState::kMissing ? 1 : 0;
  return fmt::format(
      "{} of {} hooks attached, {} indicators from {} files, {} processes known, "
      "control socket {}",
      attached, source_->hooks().size(), indicators_->store().current()->size(),
      indicators_->store().files().size(), processes_.counters().tracked,
      options_.config.control.socket);
}

}  // namespace tocsin
