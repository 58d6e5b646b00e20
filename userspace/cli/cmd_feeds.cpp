// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// feeds list, update, rollback. The relay fetches; the daemon is asked and passes it on.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kUpdatePatience = 180s;
constexpr auto kPollEvery = 300ms;

std::string state_text(const json& feed, const Output& out) {
  const auto state = text_at(feed, "/state");
  const auto tone = state == "ok"                           ? Tone::kGood
                    : state == "held" || state == "pending" ? Tone::kWarn
                                                            : Tone::kBad;
  return out.paint(tone, state);
}

void show_feed(const Context& context, const json& feed) {
  const auto tried = number_at(feed, "/last_try");
  std::string line = fmt::format("{:<20} {:<9} {:>9}  {}", text_at(feed, "/name"),
                                 state_text(feed, context.out), text_at(feed, "/indicators"),
                                 tried ? date_time(*tried) : std::string("never fetched"));
  if (const auto message = text_at(feed, "/message", 400); !message.empty()) line += "  " + message;
  context.out.line(line);
}

int show_feeds(const Context& context, const json& answer) {
  context.out.document(answer);
  const json* feeds = find_at(answer, "/feeds");
  if (!flag_at(answer, "/relay"))
    context.out.problem("tocsin-relay is not connected: nothing is fetched");
  if (feeds == nullptr || !feeds->is_array() || feeds->empty()) {
    context.out.line("no feeds; /etc/tocsin/feeds.toml names them (man tocsin-relay)");
    return kDone;
  }
  for (const auto& feed : *feeds) show_feed(context, feed);
  return kDone;
}

struct UpdateOptions {
  std::string feed;
  bool accept_shrunk = false;
};

// The state of the feeds that are waited for: true when all of them were tried after begun.
bool all_tried(const json& answer, const std::string& name, double begun) {
  const json* feeds = find_at(answer, "/feeds");
  if (feeds == nullptr || !feeds->is_array()) return false;
  for (const auto& feed : *feeds) {
    if (!name.empty() && text_at(feed, "/name") != name) continue;
    if (number_at(feed, "/last_try").value_or(0) < begun) return false;
  }
  return true;
}

int tell_update(const Context& context, const json& answer, const std::string& name) {
  int code = kDone;
  for (const auto& feed : *find_at(answer, "/feeds")) {
    if (!name.empty() && text_at(feed, "/name") != name) continue;
    context.out.document(feed);
    show_feed(context, feed);
    if (text_at(feed, "/state") != "ok") code = kError;
  }
  return code;
}

int run_update(Context& context, const UpdateOptions& options) {
  auto client = connect_to_daemon(context);
  if (!client) return client.error();
  const auto before = client->ask("feeds");
  if (!before) return report(context, *client, before.error());
  bool known = false;
  if (const json* feeds = find_at(*before, "/feeds"); feeds != nullptr && feeds->is_array())
    for (const auto& feed : *feeds)
      known = known || options.feed.empty() || text_at(feed, "/name") == options.feed;
  if (!known) {
    context.out.problem(options.feed.empty() ? std::string("there are no feeds")
                                             : fmt::format("there is no feed {}", options.feed));
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
    if (all_tried(*answer, options.feed, begun)) return tell_update(context, *answer, options.feed);
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
