// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/event_view.hpp"
#include "control/event_kinds.hpp"

namespace tocsin::cli {
namespace {

struct EventsArguments {
  bool follow = false;
  std::vector<std::string> kinds;
};

int run(Context& context, const EventsArguments& options) {
  nlohmann::json arguments = {{"follow", options.follow}};
  if (!options.kinds.empty()) arguments["kinds"] = options.kinds;
  bool any = false;
  const auto show = [&](std::string_view text) {
    any = true;
    if (context.out.json()) return context.out.document_text(text);
    const auto event = nlohmann::json::parse(text, nullptr, false);
    if (event.is_object()) context.out.line(event_line(event, context.out));
  };
  const int code = stream_from_daemon(context, "events", arguments, show);
  if (code == kDone && !any && !context.out.json())
    context.out.problem("the daemon keeps no events of the past; --follow shows them as they come");
  return code;
}

}  // namespace

Runner declare_events(CLI::App& app) {
  const auto options = std::make_shared<EventsArguments>();
  std::vector<std::string> known(control::kEventKinds.begin(), control::kEventKinds.end());
  app.add_flag("--follow,-f", options->follow, "Go on with events as they come");
  app.add_option("--kind,-k", options->kinds, "Only these kinds, with commas between")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(std::move(known)))
      ->type_name("KIND,…");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
