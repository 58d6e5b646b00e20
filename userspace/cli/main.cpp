// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"

using namespace tocsin::cli;

namespace {

// Everything that can be typed, in the order of the help.
constexpr std::array kCommands = {
    Command{"", "doctor", "Show what this host offers, what is missing and how to get it",
            "sudo tocsin doctor", false, false, declare_doctor},
    Command{"", "status", "Show whether the daemon is well, what it saw and what it lost",
            "tocsin status --json | jq .hash.coverage", true, false, declare_status},
    Command{"", "selftest", "Do harmless things that must raise alarms, and show which came",
            "sudo tocsin selftest\n  sudo tocsin selftest --json | jq .passed", true, true,
            declare_selftest},
    Command{"", "metrics", "Print the daemon's metrics in the Prometheus text format",
            "tocsin metrics\n  sudo tocsin metrics --textfile "
            "/var/lib/prometheus/node-exporter/tocsin.prom",
            true, false, declare_metrics},
    Command{"", "alerts", "List the alerts, or follow them",
            "tocsin alerts --since 2h --severity high\n  tocsin alerts --since yesterday --until "
            "today\n  tocsin alerts --user alice\n"
            "  tocsin alerts --follow --json",
            true, false, declare_alerts},
    Command{"", "explain", "Show the whole evidence of one alert", "tocsin explain 01KAXW3V9G",
            false, false, declare_explain},
    Command{
        "", "report", "Write one page about an alert or a period, for people without access",
        "tocsin report 01KAXW3V9G -o alert.html\n  tocsin report --since this-week -o week.html",
        false, false, declare_report},
    Command{
        "", "who", "List who is logged in, from where, what they started and whom they contacted",
        "tocsin who\n  tocsin who --all --user alice --json | jq .from", true, false, declare_who},
    Command{"", "top", "Show live what runs, who calls whom, what was lost and what was raised",
            "tocsin top", true, false, declare_top},
    Command{"", "events", "Show the event stream, or follow it",
            "tocsin events --follow --kind exec,connect", true, false, declare_events},
    Command{"", "beacons", "List who calls where how regularly, and what speaks for or against it",
            "tocsin beacons\n  tocsin beacons --min 0 --json | jq .subject.path", true, false,
            declare_beacons},
    Command{"", "scan", "Hash files on disk and compare them with the indicators",
            "tocsin scan /usr /opt\n  tocsin scan --ioc my.ioc --json /srv", false, false,
            declare_scan},
    Command{"", "hunt", "Tell whether this host was hit: what its history knows about values",
            "tocsin hunt journalide.org 198.51.100.7\n  tocsin hunt --file advisory.html --since "
            "90d\n  sudo tocsin hunt --set 3cx-2023 --state-dir /mnt/evidence/var/lib/tocsin",
            false, false, declare_hunt},
    Command{"ioc", "check", "Tell which indicators match a value",
            "tocsin ioc check journalide.org\n  tocsin ioc check --file my.ioc 198.51.100.7", false,
            false, declare_ioc_check},
    Command{"ioc", "extract", "Print the indicators of a published document, nothing installed",
            "tocsin ioc extract advisory.html\n  tocsin ioc extract --why - < report.txt\n  "
            "tocsin ioc extract --json bundle.json | jq .documents[0].counts",
            false, false, declare_ioc_extract},
    Command{"ioc", "import", "Take the indicators of publications and watch for them",
            "sudo tocsin ioc import advisory.txt --set 3cx --severity critical\n"
            "  tocsin ioc import report.json --dry-run",
            true, false, declare_ioc_import},
    Command{"ioc", "compile", "Compile sets into one index file",
            "tocsin ioc compile big.ioc -o /etc/tocsin/iocs.d/big.iocx", false, false,
            declare_ioc_compile},
    Command{"ioc", "remove", "Stop watching for an imported set", "sudo tocsin ioc remove 3cx",
            true, true, declare_ioc_remove},
    Command{"ioc", "export", "Print the indicators that the daemon watches for",
            "tocsin ioc export --format stix --set 3cx > 3cx.json", true, false,
            declare_ioc_export},
    Command{"ioc", "list", "List the indicator sets that the daemon watches for", "tocsin ioc list",
            true, false, declare_ioc_list},
    Command{"ioc", "stats", "Count the indicators that the daemon watches for",
            "tocsin ioc stats --json", true, false, declare_ioc_stats},
    Command{"ioc", "reload", "Make the daemon read its indicator files again",
            "sudo tocsin ioc reload", true, true, declare_ioc_reload},
    Command{"feeds", "list", "Show the feeds and how the last fetch of each went",
            "tocsin feeds list", true, false, declare_feeds_list},
    Command{"feeds", "update", "Fetch a feed now, or all of them", "sudo tocsin feeds update cert",
            true, true, declare_feeds_update},
    Command{"feeds", "rollback", "Put the version before back into use",
            "sudo tocsin feeds rollback cert", true, true, declare_feeds_rollback},
    Command{"", "fleet", "Several hosts: collect alerts, spread sets, ask all (needs tocsin-fleet)",
            "sudo tocsin fleet init\n  sudo tocsin fleet status\n  tocsin fleet --help", false,
            false, declare_fleet},
    Command{"config", "check", "Check the configuration, with the place of every fault",
            "tocsin config check\n  tocsin config check --config ./tocsin.toml", false, false,
            declare_config_check},
    Command{"config", "show", "Show every setting and where its value came from",
            "tocsin config show", false, false, declare_config_show},
    Command{"", "isolate", "Cut this host off from all but an allow-list, for a time",
            "sudo tocsin isolate --for 2h --allow 192.0.2.0/24\n  sudo tocsin isolate --cgroup "
            "system.slice/nginx.service --for 30m",
            true, true, declare_isolate},
    Command{"", "release", "End the isolation", "sudo tocsin release", true, true, declare_release},
    Command{"", "record", "Write what the kernel reports into a file, for replay",
            "sudo tocsin record -o incident.rec --for 10m", true, true, declare_record},
    Command{"", "replay",
            "Run a recording, event JSON lines or a capture file through the detectors",
            "tocsin replay incident.rec --ioc my.ioc\n  tocsin replay events.jsonl --print events\n"
            "  tocsin replay events.jsonl --print beacons\n"
            "  tocsin replay incident.rec --state-dir ./case",
            false, false, declare_replay},
    Command{"", "completion", "Print a completion script for a shell",
            "tocsin completion bash > /etc/bash_completion.d/tocsin", false, false,
            declare_completion},
};

std::string_view group_help(std::string_view group) {
  if (group == "ioc")
    return "Indicators of compromise: check, extract, import, list, stats, export, remove, "
           "compile, reload";
  return group == "feeds" ? "Indicator feeds: list, update, rollback"
                          : "Configuration: check, show";
}

std::string footer(const Command& command) {
  std::string text = fmt::format("\nExample:\n  {}\n", command.example);
  if (command.needs_root) text += "\nNeeds root and a running daemon.\n";
  if (command.needs_daemon && !command.needs_root) text += "\nNeeds a running daemon.\n";
  text += "\nAlso: --json (JSON on stdout), --socket PATH";
  return text;
}

struct Declared {
  const Command* command;
  CLI::App* app;
  Runner run;
};

std::vector<Declared> declare_all(CLI::App& app) {
  std::vector<Declared> declared;
  for (const auto& command : kCommands) {
    CLI::App* parent = &app;
    if (!command.group.empty()) {
      const std::string name(command.group);
      const auto same = app.get_subcommands([&](CLI::App* sub) { return sub->get_name() == name; });
      parent = same.empty() ? app.add_subcommand(name, std::string(group_help(command.group)))
                            : same.front();
      parent->require_subcommand(1);
    }
    auto* sub = parent->add_subcommand(std::string(command.name), std::string(command.help));
    sub->footer(footer(command));
    declared.push_back({&command, sub, command.declare(*sub)});
  }
  return declared;
}

// The nearest thing to what was typed, to name its help.
std::string help_command(const CLI::App& app) {
  std::string words = "tocsin";
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    words += " " + at->get_name();
  }
  return words + " --help";
}

// An answer that did not get out, on a full disk say, is none.
int wholly_told(const Context& context, int code) {
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (written) return code;
  context.out.problem("not all of the answer could be written to standard output");
  return kError;
}

int run(int argc, char** argv) {
  CLI::App app("tocsin watches a Linux host for indicators of compromise and beaconing.", "tocsin");
  bool json = false;
  std::string socket;
  app.add_flag("--json", json, "Print JSON on stdout and nothing else there");
  app.add_option("--socket", socket,
                 "The daemon's socket (default: control.socket of its configuration)")
      ->type_name("PATH")
      ->envname("TOCSIN_SOCKET");
  app.set_version_flag("--version", std::string("tocsin ") + TOCSIN_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // --json and --socket may stand behind the command
  app.footer(
      "\nExample:\n  sudo tocsin doctor\n  tocsin alerts --since 2h\n\n"
      "Exit codes: 0 done or nothing found, 1 found something or a check failed,\n"
      "2 error, 3 daemon not reachable. More: man tocsin");
  auto declared = declare_all(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    const auto unknown = app.remaining();
    const auto what =
        dynamic_cast<const CLI::RequiredError*>(&e) != nullptr && !unknown.empty()
            ? fmt::format("there is no command \"{}\"", tocsin::printable(unknown.front(), 60))
            : std::string(e.what());
    fmt::print(stderr, "tocsin: {}\n        see: {}\n", what, help_command(app));
    return kError;
  }
  for (auto& [command, sub, runner] : declared) {
    if (!sub->parsed()) continue;
    Context context{socket, Output(json)};
    if (command->needs_root && geteuid() != 0) {
      context.out.problem("this needs root: only root may change the daemon");
      context.out.hint("use sudo");
      return kError;
    }
    return wholly_told(context, runner(context));
  }
  return kError;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {  // out of memory, a broken locale: nothing we can mend here
    fmt::print(stderr, "tocsin: {}\n", e.what());
    return kError;
  }
}
