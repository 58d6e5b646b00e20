// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "cli/alert_view.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/time_argument.hpp"
#include "cli/user_filter.hpp"

namespace tocsin::cli {
namespace {

struct Options {
  bool follow = false;
  std::string since;
  std::string severity;
  std::string user;
};

int run(Context& context, const Options& options) {
  nlohmann::json arguments = {{"follow", options.follow}};
  if (!options.severity.empty()) arguments["severity"] = options.severity;
  if (!options.since.empty()) {
    const auto since = parse_time(options.since, SystemClock().wall_ns());
    if (!since) {
      context.out.problem(since.error().message);
      return kError;
    }
    arguments["since"] = static_cast<double>(*since) / static_cast<double>(kNsPerSecond);
  }
  bool any = false;
  const int code = stream_from_daemon(context, "alerts", arguments, [&](std::string_view text) {
    const auto alert = nlohmann::json::parse(text, nullptr, false);
    if (!options.user.empty() && !alert_is_about_user(alert, options.user)) return;
    any = true;
    context.out.document_text(text);
    if (alert.is_object()) context.out.line(alert_line(alert, context.out));
  });
  if (code == kDone && !any && !options.follow) context.out.line("no alerts");
  return code;
}

}  // namespace

Runner declare_alerts(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_flag("--follow,-f", options->follow, "Go on with alerts as they come");
  app.add_option("--since", options->since, "Only since then: 10m, 2h, today, 2026-11-25T10:00")
      ->type_name("TIME");
  app.add_option("--severity", options->severity, "Only this loud or louder")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical"}))
      ->type_name("LEVEL");
  app.add_option("--user", options->user,
                 "Only about this user: who logged in, or whom the process runs as")
      ->type_name("NAME");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
