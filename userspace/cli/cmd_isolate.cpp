// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// isolate, release.
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/json_view.hpp"
#include "cli/time_argument.hpp"
#include "respond/response_policy.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

struct IsolateOptions {
  std::string duration = "1h";
  std::vector<std::string> allow;
  std::string cgroup;
  bool keep = false;
  bool cut_me_off = false;
};

// Where this session comes from by ssh; nullopt: it does not.
std::optional<IpAddress> session_from() {
  const char* connection = std::getenv("SSH_CONNECTION");
  if (connection == nullptr) return std::nullopt;
  const std::string_view text(connection);
  return IpAddress::parse(text.substr(0, text.find(' ')));
}

std::string shown(const json& isolation) {
  if (text_at(isolation, "/state") != "on") return "nothing is isolated";
  const auto cgroup = text_at(isolation, "/cgroup");
  std::string allowed = "loopback";
  if (const json* networks = find_at(isolation, "/allow"); networks && networks->is_array())
    for (const auto& network : *networks)
      if (network.is_string()) allowed += ", " + printable(network.get<std::string>(), 64);
  return fmt::format("{} isolated until {}; allowed: {}; connections that were there: {}",
                     cgroup.empty() ? "this host is" : "control group " + cgroup + " is",
                     date_time(number_at(isolation, "/until").value_or(0)), allowed,
                     text_at(isolation, "/old_connections"));
}

int show_isolation(const Context& context, const json& isolation) {
  context.out.document(isolation);
  context.out.line(shown(isolation));
  if (const auto note = text_at(isolation, "/note", 300); !note.empty()) context.out.problem(note);
  return kDone;
}

int run(Context& context, const IsolateOptions& options) {
  const auto duration = parse_duration_ns(options.duration);
  if (!duration || *duration <= 0) {
    context.out.problem("--for: a duration such as 30m or 2h is expected");
    return kError;
  }
  bool covered = options.cut_me_off || !options.cgroup.empty();
  const auto from = session_from();
  for (const auto& text : options.allow) {
    const auto network = parse_network(text);
    if (!network) {
      context.out.problem(fmt::format("--allow: {}", network.error().message));
      return kError;
    }
    covered = covered || (from && network->contains(*from));
  }
  if (from && !covered) {
    context.out.problem(
        fmt::format("this session comes from {}, which no --allow covers", from->to_string()));
    context.out.hint(
        fmt::format("--allow {}, or --cut-me-off when the configuration allows it "
                    "or you mean it",
                    from->to_string()));
    return kError;
  }
  return change_daemon(context, "isolate",
                       {{"for", static_cast<double>(*duration) / 1e9},
                        {"allow", options.allow},
                        {"cgroup", options.cgroup},
                        {"keep", options.keep}},
                       [&](const json& answer) { return show_isolation(context, answer); });
}

}  // namespace

Runner declare_isolate(CLI::App& app) {
  const auto options = std::make_shared<IsolateOptions>();
  app.add_option("--for", options->duration, "How long (default 1h, 30d at most)")
      ->type_name("DURATION");
  app.add_option("--allow", options->allow,
                 "Address or block that stays reachable, beside response.isolation_allow")
      ->type_name("CIDR");
  app.add_option("--cgroup", options->cgroup,
                 "Only this control group and those below it (path below the root of cgroup2)")
      ->type_name("PATH");
  app.add_flag("--keep", options->keep, "Take it up again when the daemon restarts");
  app.add_flag("--cut-me-off", options->cut_me_off,
               "Although this ssh session's address is not allowed");
  return [options](Context& context) { return run(context, *options); };
}

Runner declare_release(CLI::App&) {
  return [](Context& context) {
    return change_daemon(context, "release", json::object(), [&](const json& answer) {
      context.out.document(answer);
      context.out.line("released: the host is open");
      return kDone;
    });
  };
}

}  // namespace tocsin::cli
