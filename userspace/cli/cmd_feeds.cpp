// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// feeds list, update, rollback. The relay fetches; the daemon is asked and passes it on.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/feed_view.hpp"
#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kUpdatePatience = 180s;
constexpr auto kPollEvery = 300ms;

int show_feeds(const Context& context, const json& answer) {
  context.out.document(answer);
  const json* feeds = find_at(answer, "/feeds");
  if (!flag_at(answer, "/relay"))
    context.out.problem("tocsin-relay is not connected: nothing is fetched");
  if (feeds == nullptr || !feeds->is_array() || feeds->empty()) {
    context.out.line("no feeds; /etc/tocsin/feeds.toml names them (man tocsin-relay)");
    return kDone;
  }
  for (const auto& line : feed_lines(answer, "", context.out)) context.out.line(line);
  return kDone;
}

struct UpdateOptions {
  std::string feed;
  bool accept_shrunk = false;
};

int tell_update(const Context& context, const json& answer, const std::string& name) {
  if (const auto* feeds = find_at(answer, "/feeds"); feeds != nullptr)
    for (const auto& feed : *feeds)
      if (name.empty() || text_at(feed, "/name") == name || text_at(feed, "/state") == "fault")
        context.out.document(feed);
  for (const auto& line : feed_lines(answer, name, context.out)) context.out.line(line);
  return feeds_in_order(answer, name) ? kDone : kError;
}

// A feed whose section has a fault is none for the relay: the fault is the answer.
int tell_unknown(const Context& context, const json& answer, const std::string& name) {
  context.out.problem(fmt::format("there is no feed {}", printable(name, 64)));
  for (const auto& line : feed_lines(answer, name, Output::plain())) context.out.hint(line);
  context.out.hint("`tocsin feeds list` lists them; /etc/tocsin/feeds.toml names them");
  return kError;
}

int run_update(Context& context, const UpdateOptions& options) {
  auto client = connect_to_daemon(context);
  if (!client) return client.error();
  const auto before = client->ask("feeds");
  if (!before) return report(context, *client, before.error());
  if (update_state(*before, options.feed, 0) == UpdateState::kNoSuchFeed)
    return tell_unknown(context, *before, options.feed);
  if (const json* feeds = find_at(*before, "/feeds"); feeds == nullptr || feeds->empty()) {
    context.out.problem("there are no feeds");
    return kError;
  }
  const double begun =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const auto asked = client->ask(
      "feed-update", {{"feed", options.feed}, {"accept_shrunk", options.accept_shrunk}});
  if (!asked) return report(context, *client, asked.error());
  const auto until = std::chrono::steady_clock::now() + kUpdatePatience;
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kPollEvery);
    const auto answer = client->ask("feeds");
    if (!answer) return report(context, *client, answer.error());
    const auto state = update_state(*answer, options.feed, begun);
    if (state == UpdateState::kNoSuchFeed) return tell_unknown(context, *answer, options.feed);
    if (state == UpdateState::kFinished) return tell_update(context, *answer, options.feed);
    if (!flag_at(*answer, "/relay")) {
      context.out.problem("tocsin-relay went away before it had finished");
      context.out.hint("see its log: journalctl -u tocsin-relay");
      return kError;
    }
  }
  context.out.problem("the relay has not finished yet; `tocsin feeds list` shows how it went");
  return kError;
}

int show_rollback(const Context& context, const json& answer) {
  context.out.document(answer);
  context.out.line(
      fmt::format("{}: the version before is active again: {} indicators, {} came "
                  "back, {} went",
                  text_at(answer, "/set"), text_at(answer, "/accepted"), text_at(answer, "/added"),
                  text_at(answer, "/removed")));
  context.out.hint("the relay takes the next version with a higher sequence number");
  return kDone;
}

}  // namespace

Runner declare_feeds_list(CLI::App&) {
  return [](Context& context) {
    return ask_daemon(context, "feeds", json::object(),
                      [&](const json& answer) { return show_feeds(context, answer); });
  };
}

Runner declare_feeds_update(CLI::App& app) {
  const auto options = std::make_shared<UpdateOptions>();
  app.add_option("NAME", options->feed, "Only this feed");
  app.add_flag("--accept-shrunk", options->accept_shrunk,
               "Take it although it lost more than half of its indicators");
  return [options](Context& context) { return run_update(context, *options); };
}

Runner declare_feeds_rollback(CLI::App& app) {
  const auto set = std::make_shared<std::string>();
  app.add_option("NAME", *set, "The feed's set")->required();
  return [set](Context& context) {
    return change_daemon(context, "feed-rollback", {{"set", *set}},
                         [&](const json& answer) { return show_rollback(context, answer); });
  };
}

}  // namespace tocsin::cli
