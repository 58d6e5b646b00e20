// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "daemon/config.hpp"
#include "daemon/program_options.hpp"
#include "fleet/command.hpp"
#include "fleet/credentials.hpp"

using namespace tocsin::fleet;

namespace {

// Everything that can be typed, in the order of the help.
constexpr std::array kCommands = {
    Command{"enroll", "Make certificates and rights for hosts and brokers",
            "sudo tocsin fleet enroll --broker nats.example.org --here web-1 web-2\n"
            "  sudo tocsin fleet enroll --renew web-1",
            declare_enroll},
    Command{"init", "Make the streams of a fleet, or bring them up to date",
            "sudo tocsin fleet init\n  sudo tocsin fleet init --replicas 3", declare_init},
    Command{"status", "List the hosts of the fleet by their last sign of life",
            "sudo tocsin fleet status\n  sudo tocsin fleet status --trouble\n"
            "  sudo tocsin fleet status --json | jq -r 'select(.silent).host'",
            declare_status},
    Command{"forget", "Forget hosts that are no more", "sudo tocsin fleet forget web-2",
            declare_forget},
    Command{"watch", "Follow the alerts of all hosts, and tell which fell silent",
            "sudo tocsin fleet watch --since 2h\n"
            "  sudo tocsin fleet watch --json --state /var/lib/tocsin/watch.json",
            declare_watch},
    Command{"publish", "Send a signed indicator set to every host",
            "minisign -S -t \"set:fleet sequence:42\" -m fleet.ioc\n  sudo tocsin fleet "
            "publish fleet.ioc",
            declare_publish},
    Command{"hunt-key", "Make the key that signs questions to all hosts",
            "sudo tocsin fleet hunt-key -o /etc/tocsin/fleet/operator/hunt.key", declare_hunt_key},
    Command{
        "hunt", "Ask every host whether it was hit",
        "sudo tocsin fleet hunt akamaicontainer.com --since 90d\n  sudo tocsin fleet hunt --file "
        "advisory.pdf",
        declare_hunt},
    Command{"answers", "Read what hosts answered to a hunt, also later",
            "sudo tocsin fleet answers\n  sudo tocsin fleet answers 01kb9x3v5p8q2r7s4t6w0y1z3a",
            declare_answers},
    Command{"run", "Be the agent of this host; the unit tocsin-fleet starts it",
            "tocsin-fleet run --config /etc/tocsin/tocsin.toml", declare_run},
    Command{"words", "Print every command and option as JSON", "tocsin fleet words", declare_words},
};

struct Declared {
  CLI::App* app;
  Runner run;
};

// An answer that did not get out, on a full disk say, is none.
int wholly_told(const Context& context, int code) {
  if ((std::fflush(stdout) == 0 && std::ferror(stdout) == 0) || code == kError) return code;
  context.out.problem("not all of the answer could be written to standard output");
  return kError;
}

int run(int argc, char** argv) {
  CLI::App app(
      "Hosts that are watched together: ships alerts, spreads indicator sets, asks all hosts.",
      "tocsin fleet");
  bool json = false;
  Context context{{}, tocsin::cli::Output(false), std::string(kFleetFolder) + "/operator"};
  const tocsin::ProgramOptions options(app, "tocsin-fleet");
  app.add_flag("--json", json, "Print JSON on stdout and nothing else there");
  app.add_option("--credentials", context.credentials,
                 "Folder with operator.pem, operator.key and ca.pem")
      ->type_name("DIR")
      ->capture_default_str();
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "\nExample:\n  sudo tocsin fleet init\n  sudo tocsin fleet status\n\n"
      "Exit codes: 0 done or nothing found, 1 found something, or a host has trouble,\n"
      "2 error, 3 no host answered a hunt. More: man tocsin-fleet");
  std::vector<Declared> declared;
  for (const auto& command : kCommands) {
    auto* sub = app.add_subcommand(std::string(command.name), std::string(command.help));
    sub->footer(
        fmt::format("\nExample:\n  {}\n\nAlso: --json (JSON on stdout), --config FILE, "
                    "--credentials DIR",
                    command.example));
    declared.push_back({sub, command.declare(*sub)});
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kError;
  }
  auto loaded = tocsin::load_config(options.apply());
  for (const auto& fault : loaded.faults) std::fprintf(stderr, "%s\n", fault.to_string().c_str());
  if (!loaded.ok()) return kError;
  spdlog::set_level(static_cast<spdlog::level::level_enum>(loaded.config.log.level));
  context.config = std::move(loaded.config);
  context.out = tocsin::cli::Output(json);
  for (auto& [sub, runner] : declared)
    if (sub->parsed()) return wholly_told(context, runner(context));
  return kError;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {  // out of memory
    std::fprintf(stderr, "tocsin-fleet: %s\n", e.what());
    return kError;
  }
}
