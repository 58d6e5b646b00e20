// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/output.hpp"

namespace tocsin::cli {

// The exit codes scripts rely on.
inline constexpr int kDone = 0;
inline constexpr int kFound = 1;  // something was found, or a check failed
inline constexpr int kError = 2;  // usage, unreadable input, the daemon said no
inline constexpr int kNoDaemon = 3;

// What stands before or behind any command.
struct Context {
  std::string socket;  // --socket; empty: as the configuration says
  Output out;
};

// Runs after the command line was understood; returns the exit code.
using Runner = std::function<int(Context&)>;

struct Command {
  std::string_view group;  // "ioc" for "tocsin ioc check"; usually empty
  std::string_view name;
  std::string_view help;     // one sentence without a full stop
  std::string_view example;  // one or more whole command lines
  bool needs_daemon;
  bool needs_root;
  Runner (*declare)(CLI::App& app);  // adds the options; the runner owns what they fill
};

Runner declare_alerts(CLI::App& app);
Runner declare_beacons(CLI::App& app);
Runner declare_completion(CLI::App& app);
Runner declare_config_check(CLI::App& app);
Runner declare_config_show(CLI::App& app);
Runner declare_doctor(CLI::App& app);
Runner declare_events(CLI::App& app);
Runner declare_explain(CLI::App& app);
Runner declare_feeds_list(CLI::App& app);
Runner declare_feeds_rollback(CLI::App& app);
Runner declare_feeds_update(CLI::App& app);
Runner declare_fleet(CLI::App& app);
Runner declare_hunt(CLI::App& app);
Runner declare_ioc_check(CLI::App& app);
Runner declare_ioc_compile(CLI::App& app);
Runner declare_ioc_export(CLI::App& app);
Runner declare_ioc_import(CLI::App& app);
Runner declare_ioc_extract(CLI::App& app);
Runner declare_ioc_list(CLI::App& app);
Runner declare_ioc_reload(CLI::App& app);
Runner declare_ioc_remove(CLI::App& app);
Runner declare_ioc_stats(CLI::App& app);
Runner declare_isolate(CLI::App& app);
Runner declare_metrics(CLI::App& app);
Runner declare_record(CLI::App& app);
Runner declare_release(CLI::App& app);
Runner declare_replay(CLI::App& app);
Runner declare_report(CLI::App& app);
Runner declare_scan(CLI::App& app);
Runner declare_selftest(CLI::App& app);
Runner declare_status(CLI::App& app);
Runner declare_top(CLI::App& app);
Runner declare_who(CLI::App& app);

}  // namespace tocsin::cli
