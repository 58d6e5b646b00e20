// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/replay.hpp"

#include <fmt/format.h>

#include <fstream>
#include <optional>

#include "base/clock.hpp"
#include "capture/pcap_reader.hpp"
#include "capture/replay_source.hpp"
#include "daemon/alert_desk.hpp"
#include "daemon/beacon_watch.hpp"
#include "daemon/digest_json.hpp"
#include "daemon/event_log.hpp"
#include "daemon/parsed_lines.hpp"
#include "daemon/pipeline.hpp"
#include "daemon/read_capture.hpp"
#include "daemon/replay_history.hpp"

namespace tocsin {
namespace {

// The daemon's stages over a file: the clock follows the events, digests stand in the file. Whose
// users they are does not: the names of this machine's would be wrong.
class Replay {
 public:
  explicit Replay(const ReplayOptions& options) : options_(options) {}

  Result<ReplayReport> run() {
    TOCSIN_TRY(store_, IndicatorStore::create(options_.indicators));
    TOCSIN_TRY_VOID(store_->reload(clock_now()));
    for (const auto& file : store_->files())
      if (!file.error.empty())
        options_.complain(fmt::format("{}: {}", file.path.string(), file.error));
    TOCSIN_TRY_VOID(wire_up());
    TOCSIN_TRY_VOID(replay_file());
    event_log_->expire(clock_.boot_ns() + EventLog::kHoldNs);
    beacons_->flush();
    desk_->flush();
    if (print_ == ReplayPrint::kBeacons)
      for (const auto& row : beacons_->rows(options_.beacons_least))
        if (const auto json = beacons_->row_json(row)) options_.out(*json);
    if (history_) TOCSIN_TRY_VOID(history_->finish());
    return report_;
  }

 private:
  static WallNs clock_now() { return SystemClock().wall_ns(); }

  Result<void> wire_up() {
    desk_.emplace(
        AlertDesk::Parts{.clock = clock_,
                         .sinks = nullptr,
                         .origin = {},
                         .human = {},
                         .fold = {},
                         .on_reported = [this](const RenderedAlert& alert) { on(alert); }});
    event_log_.emplace([this](const std::string&, const std::string& line) { options_.out(line); },
                       [this](std::string_view) { return print_ == ReplayPrint::kEvents; });
    TOCSIN_TRY(packets_,
               PacketNames::create({
                   .on_dns = [this](DnsEvent e) { pipeline_->on_event(std::move(e)); },
                   .on_hello = [this](HelloEvent e) { pipeline_->on_event(std::move(e)); },
               }));
    TOCSIN_TRY(auto suffixes, PublicSuffixes::load());
    beacons_.emplace(BeaconWatch::Parts{
        .clock = clock_,
        .cgroups = cgroups_,
        .losses = losses_,
        .ids = ids_,
        .indicators = &*store_,
        .suffixes = std::move(suffixes),
        .options = options_.beacons,
        .on_alert = [this](Alert alert) { desk_->add(std::move(alert)); },
        .modules_of = [this](const ExecEvent& program,
                             ProcessId process) { return pipeline_->modules_of(program, process); },
        .accounts = {}});
    std::vector<Observer*> observers{&*beacons_};
    if (!options_.state_dir.empty()) {
      TOCSIN_TRY(history_, ReplayHistory::create({.state_dir = options_.state_dir,
                                                  .clock = clock_,
                                                  .cgroups = cgroups_,
                                                  .processes = processes_}));
      observers.push_back(history_.get());
    }
    pipeline_.emplace(
        Pipeline::Parts{.clock = clock_,
                        .indicators = *store_,
                        .processes = processes_,
                        .cgroups = cgroups_,
                        .losses = losses_,
                        .ids = ids_,
                        .hashes = nullptr,
                        .accounts = {},
                        .packets = &*packets_,
                        .event_log = &*event_log_,
                        .on_alert = [this](Alert alert) { desk_->add(std::move(alert)); },
                        .on_digest = {},
                        .observers = std::move(observers)});
    return {};
  }

  void on(const RenderedAlert& alert) {
    ++report_.alerts;
    if (history_) history_->on_reported(alert);
    if (print_ == ReplayPrint::kAlerts) options_.out(options_.json ? alert.json : alert.human);
  }

  Result<void> replay_file() {
    std::ifstream in(options_.file, std::ios::binary);
    if (!in) return fail_errno(fmt::format("opening {}", options_.file.string()), errno);
    std::error_code unknown;
    file_bytes_ = std::filesystem::file_size(options_.file, unknown);
    if (unknown) file_bytes_ = 0;  // a pipe
    std::array<char, 64> start{};
    in.read(start.data(), start.size());
    const std::span<const char> first(start.data(), static_cast<std::size_t>(in.gcount()));
    if (print_ == ReplayPrint::kUsual) print_ = ReplayPrint::kAlerts;
    if (RecordingReader::looks_like_one(std::as_bytes(first))) return replay_recording();
    if (PcapReader::looks_like_one(std::as_bytes(first))) return replay_capture();
    in.clear();
    in.seekg(0);
    return replay_lines(in);
  }

  Result<void> replay_lines(std::istream& in) {
    std::uint64_t used = 0;
    ParsedLines lines(in);
    for (auto batch = lines.next(); !batch.empty(); batch = lines.next()) {
      for (auto& line : batch) {
        if (!line.event) {
          fault(fmt::format("line {}", line.number), line.event.error().message);
          continue;
        }
        ++used;
        follow_clock(*line.event);
        take(std::move(*line.event));
      }
      if (!go_on(lines.bytes())) break;
    }
    if (used == 0)
      return fail(ErrorCode::kInvalidInput,
                  fmt::format("{}: no tocsin recording, no capture file and no event JSON lines",
                              options_.file.string()));
    return {};
  }

  Result<void> replay_recording() {
    ReplaySource::Callbacks callbacks;
    callbacks.on_digest = [this](std::string_view json) { on_digest(json); };
    callbacks.on_fact = [this](std::string_view json) { on_fact(json); };
    TOCSIN_TRY(const auto source, ReplaySource::open(options_.file.string(), std::move(callbacks)));
    clock_.set_boot_epoch(source->boot_epoch_ns());
    WireSink sink = [&](std::span<const std::byte> bytes) {
      ++report_.events;
      clock_.advance_to(event_time(bytes, source->boot_epoch_ns()));
      tick();
      pipeline_->on_wire(bytes, source->boot_epoch_ns());
    };
    while (true) {
      TOCSIN_TRY(const auto n, source->consume(1024, sink));
      if (n == 0 || !go_on(source->summary().bytes)) break;
    }
    report_.faults += pipeline_->counters().decode_errors;
    if (const auto summary = source->summary(); summary.damage)
      fault(fmt::format("byte {}", summary.damage->offset),
            fmt::format("{}; {} bytes behind it were not read", summary.damage->reason,
                        summary.damage->bytes_left));
    return {};
  }

  Result<void> replay_capture() {
    if (options_.print == ReplayPrint::kUsual && !options_.indicators_given)
      print_ = ReplayPrint::kEvents;
    TOCSIN_TRY(auto summary, read_capture(
                                 options_.file.string(),
                                 [this](Event event) {
                                   follow_clock(event);
                                   take(std::move(event));
                                 },
                                 [this](std::uint64_t bytes) { return go_on(bytes); }));
    report_.faults += summary.faults();
    report_.capture = summary.to_string();
    if (!summary.damage.empty()) options_.complain(summary.damage);
    return {};
  }

  static WallNs event_time(std::span<const std::byte> bytes, WallNs boot_epoch_ns);

  void on_digest(std::string_view json) {
    auto digest = digest_from_json(json);
    if (!digest) return fault("digest", digest.error().message);
    pipeline_->on_replayed_digest(digest->process, digest->script, std::move(digest->result));
  }

  void on_fact(std::string_view json) {
    auto snapshot = process_from_json(json);
    if (!snapshot) return fault("fact", snapshot.error().message);
    if (!*snapshot) return;
    std::vector<ProcessTable::Snapshot> one;
    one.push_back(std::move(**snapshot));
    processes_.seed(std::move(one));
  }

  void follow_clock(const Event& event) {
    const auto time = std::visit(
        [](const auto& e) {
          if constexpr (std::is_same_v<std::decay_t<decltype(e)>, LossEvent>)
            return e.time_ns;
          else
            return e.head.time_ns;
        },
        event);
    clock_.advance_to(time);
    tick();
  }

  void take(Event event) {
    ++report_.events;
    pipeline_->on_event(std::move(event));
  }

  // bytes: of the file, so far.
  bool go_on(std::uint64_t bytes) {
    if (options_.on_progress && !options_.on_progress(bytes, file_bytes_)) report_.stopped = true;
    return !report_.stopped;
  }

  // The daemon's timers, once per second of the file's own time.
  void tick() {
    if (history_) history_->advance();
    if (clock_.boot_ns() < next_tick_) return;
    next_tick_ = clock_.boot_ns() + kNsPerSecond;
    pipeline_->tick();
    beacons_->tick();
    desk_->tick();
    if (history_) history_->tick();
  }

  void fault(const std::string& place, const std::string& reason) {
    ++report_.faults;
    options_.complain(fmt::format("{}: {}: {}", options_.file.string(), place, reason));
  }

  const ReplayOptions& options_;
  ReplayPrint print_ = options_.print;
  ReplayReport report_;
  VirtualClock clock_;
  BootNs next_tick_ = 0;
  std::optional<IndicatorStore> store_;
  ProcessTable processes_;
  CgroupTable cgroups_{""};
  LossLedger losses_;
  AlertIdSource ids_{[this](std::array<std::uint8_t, 10>& bytes) {
    // Counted, not random: the same file gives the same output.
    for (auto& b : bytes) b = 0;
    const auto n = ++id_count_;
    for (std::size_t i = 0; i < 8; ++i) bytes[9 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  }};
  std::uint64_t id_count_ = 0;
  std::optional<AlertDesk> desk_;
  std::optional<EventLog> event_log_;
  std::optional<PacketNames> packets_;
  std::optional<BeaconWatch> beacons_;
  std::unique_ptr<ReplayHistory> history_;  // null: none is left
  std::optional<Pipeline> pipeline_;
  std::uint64_t file_bytes_ = 0;
};

WallNs Replay::event_time(std::span<const std::byte> bytes, WallNs boot_epoch_ns) {
  tw_header h;
  if (bytes.size() < sizeof h) return 0;
  std::memcpy(&h, bytes.data(), sizeof h);
  return boot_epoch_ns + static_cast<WallNs>(h.boot_ns);
}

}  // namespace

Result<ReplayReport> run_replay(const ReplayOptions& options) {
  return Replay(options).run();
}

}  // namespace tocsin
