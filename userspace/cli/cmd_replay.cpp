// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/counted.hpp"
#include "base/text.hpp"
#include "cli/beacon_view.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/pace.hpp"
#include "daemon/beacon_keeper.hpp"
#include "daemon/config.hpp"
#include "daemon/replay.hpp"

namespace tocsin::cli {
namespace {

constexpr std::uint64_t kFaultsShown = 20;  // of a file that is another than was thought, enough

struct ReplayArguments {
  std::string file;
  std::vector<std::string> indicators;
  std::string print;
  std::string state_dir;
};

// The same options and lists as the daemon's.
BeaconOptions beacon_options(const Config& config, const Warninglists& guards,
                             const EvidenceWeights& weights) {
  BeaconOptions out;
  out.time_scale = config.beacon.time_scale;
  out.weights = weights;
  out.course = true;
  out.classify = [&guards, known = config.beacon.known_destinations](const std::string& name) {
    return classify_destination(guards, known, name);
  };
  return out;
}

int run(Context& context, const ReplayArguments& options) {
  const auto config = load_config({}).config;
  const auto guards = Warninglists::of_host(config.state_dir);
  const auto weights = EvidenceWeights::with(config.beacon.weights);
  ReplayOptions replay;
  replay.file = options.file;
  replay.indicators.assign(options.indicators.begin(), options.indicators.end());
  if (options.indicators.empty())
    for (const auto& path : config.indicators.paths)
      if (std::error_code ignored; std::filesystem::exists(path, ignored))
        replay.indicators.emplace_back(path);
  replay.indicators_given = !options.indicators.empty();
  if (options.print == "events") replay.print = ReplayPrint::kEvents;
  if (options.print == "alerts") replay.print = ReplayPrint::kAlerts;
  const bool beacons = options.print == "beacons";
  if (beacons) replay.print = ReplayPrint::kBeacons;
  replay.beacons = beacon_options(config, guards, weights.value_or(EvidenceWeights()));
  replay.json = context.out.json();
  bool any = false;
  replay.state_dir = options.state_dir;
  replay.out = [&](const std::string& text) {
    context.out.end_progress();
    context.out.document_text(text);
    if (!beacons) return context.out.line(text);
    if (!std::exchange(any, true)) context.out.line(beacon_heading());
    for (const auto& line : beacon_lines(nlohmann::json::parse(text), context.out))
      context.out.line(line);
  };
  // Between the lines of a terminal a progress line is in the way.
  const bool quiet = isatty(STDOUT_FILENO) == 1 && options.print == "events";
  const Interrupt interrupt;
  const Pace pace;
  replay.on_progress = [&](std::uint64_t done, std::uint64_t all) {
    if (!quiet) context.out.progress(pace.bytes_words(done, all));
    return !interrupt.asked();
  };
  std::uint64_t complaints = 0;
  replay.complain = [&](const std::string& text) {
    if (++complaints > kFaultsShown) return;
    context.out.end_progress();
    context.out.problem(printable(text));
  };
  const auto report = run_replay(replay);
  context.out.end_progress();
  if (complaints > kFaultsShown)
    context.out.problem(fmt::format("and {} faults more like these", complaints - kFaultsShown));
  if (!report) {
    context.out.problem(report.error().message);
    return kError;
  }
  if (!context.out.json()) {
    if (!report->capture.empty()) fmt::print(stderr, "{}\n", report->capture);
    fmt::print(stderr, "{}, {}, {}\n", counted(report->events, "event"),
               counted(report->alerts, "alert"), counted(report->faults, "fault"));
  }
  if (report->stopped) {
    context.out.problem("stopped: the rest of the file was not looked at");
    return kError;
  }
  if (!options.state_dir.empty() && !context.out.json()) {
    context.out.hint("the history is in " + printable(options.state_dir) +
                     "; hunt, explain and report read it with --state-dir");
  }
  return kDone;
}

}  // namespace

Runner declare_replay(CLI::App& app) {
  const auto options = std::make_shared<ReplayArguments>();
  app.add_option("FILE", options->file,
                 "A recording, event JSON lines, or a capture file (pcap, pcapng)")
      ->required();
  app.add_option("--ioc", options->indicators,
                 "Indicator files or folders (default: indicators.paths of the configuration)")
      ->type_name("FILE")
      ->allow_extra_args(false);  // what follows is not another one
  app.add_option("--print", options->print,
                 "What to print (default: alerts; events of a capture file without --ioc)")
      ->check(CLI::IsMember({"alerts", "events", "beacons"}))
      ->type_name("alerts|events|beacons");
  app.add_option("--state-dir", options->state_dir,
                 "Leave a history there, for hunt, explain and report; there must be none yet")
      ->type_name("DIR");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
