// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "cli/alert_view.hpp"
#include "cli/around_alert.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/time_argument.hpp"
#include "cli/user_filter.hpp"

namespace tocsin::cli {
namespace {

struct AlertsArguments {
  bool follow = false;
  std::string since;
  std::string until;
  std::string severity;
  std::string user;
};

struct Period {
  std::optional<WallNs> since, until;
};

// Of both words; nothing when there is none. False: one is no time, and that was told.
bool read_period(Context& context, const AlertsArguments& options, Period& out) {
  const auto now = SystemClock().wall_ns();
  for (const auto& [text, to] :
       {std::pair(&options.since, &out.since), {&options.until, &out.until}}) {
    if (text->empty()) continue;
    const auto time = parse_time(*text, now);
    if (!time) {
      context.out.problem(time.error().message);
      return false;
    }
    *to = *time;
  }
  if (!out.since || !out.until || *out.since < *out.until) return true;
  context.out.problem("--until is not later than --since: there is nothing between them");
  return false;
}

int run(Context& context, const AlertsArguments& options) {
  nlohmann::json arguments = {{"follow", options.follow}};
  Period period;
  if (!read_period(context, options, period)) return kError;
  if (period.since)
    arguments["since"] = static_cast<double>(*period.since) / static_cast<double>(kNsPerSecond);
  if (!options.severity.empty()) arguments["severity"] = options.severity;
  bool any = false;
  const int code = stream_from_daemon(context, "alerts", arguments, [&](std::string_view text) {
    const auto alert = nlohmann::json::parse(text, nullptr, false);
    if (period.until && !is_before(alert, *period.until)) return;
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
  const auto options = std::make_shared<AlertsArguments>();
  app.add_flag("--follow,-f", options->follow, "Go on with alerts as they come");
  app.add_option("--since", options->since, "Only since then: 10m, 2h, today, 2026-11-25T10:00")
      ->type_name("TIME");
  app.add_option("--until", options->until, "Only from before then; not with --follow")
      ->type_name("TIME")
      ->excludes("--follow");
  app.add_option("--severity", options->severity, "Only this loud or louder")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical"}))
      ->type_name("LEVEL");
  app.add_option("--user", options->user,
                 "Only about this user: who logged in, or whom the process runs as")
      ->type_name("NAME");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
