// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "daemon/config.hpp"
#include "daemon/replay.hpp"

namespace tocsin::cli {
namespace {

struct Options {
  std::string file;
  std::vector<std::string> indicators;
  std::string print;
};

int run(Context& context, const Options& options) {
  ReplayOptions replay;
  replay.file = options.file;
  replay.indicators.assign(options.indicators.begin(), options.indicators.end());
  if (options.indicators.empty())
    for (const auto& path : load_config({}).config.indicators.paths)
      if (std::error_code ignored; std::filesystem::exists(path, ignored))
        replay.indicators.emplace_back(path);
  replay.indicators_given = !options.indicators.empty();
  if (options.print == "events") replay.print = ReplayPrint::kEvents;
  if (options.print == "alerts") replay.print = ReplayPrint::kAlerts;
  replay.json = context.out.json();
  replay.out = [&](const std::string& text) {
    context.out.line(text);
    context.out.document_text(text);
  };
  replay.complain = [&](const std::string& text) { context.out.problem(printable(text)); };
  const auto report = run_replay(replay);
  if (!report) {
    context.out.problem(report.error().message);
    return kError;
  }
  if (!context.out.json()) {
    if (!report->capture.empty()) fmt::print(stderr, "{}\n", report->capture);
    fmt::print(stderr, "{} events, {} alerts, {} faults\n", report->events, report->alerts,
               report->faults);
  }
  return kDone;
}

}  // namespace

Runner declare_replay(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("FILE", options->file,
                 "A recording, event JSON lines, or a capture file (pcap, pcapng)")
      ->required();
  app.add_option("--ioc", options->indicators,
                 "Indicator files or folders (default: indicators.paths of the configuration)")
      ->type_name("FILE")
      ->allow_extra_args(false);  // what follows is not another one
  app.add_option("--print", options->print,
                 "What to print (default: alerts; events of a capture file without --ioc)")
      ->check(CLI::IsMember({"alerts", "events"}))
      ->type_name("alerts|events");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
