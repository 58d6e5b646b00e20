// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The views read what the daemon really writes: the alerts come from its own renderer.
#include "cli/alert_view.hpp"

#include <string>

#include "cli/columns.hpp"
#include "cli/time_argument.hpp"
#include "report/words.hpp"
#include "support/alert_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

nlohmann::json json_of(const Alert& alert) {
  return nlohmann::json::parse(sample_rendered(alert)->json);
}

std::string page(const Alert& alert) {
  std::string text;
  for (const auto& line : cli::explanation({json_of(alert), nullptr, 0}, cli::Output(false)))
    text += line + "\n";
  INFO(text);
  CHECK(text.find('\x1b') == std::string::npos);
  return text;
}

// Also where a line was broken in it.
bool has(const std::string& text, std::string_view part) {
  std::string flat;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank || (!flat.empty() && flat.back() != ' ')) flat += blank ? ' ' : c;
  }
  return text.find(part) != std::string::npos || flat.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an explanation holds the whole evidence chain", "[cli]") {
  const auto text = page(sample_alert(AlertKind::kExecHash));
  for (const auto* part : {"critical",
                           "01KAXYZ0000000000000000000",
                           "jump1",
                           "3cx-2023",
                           "3CX SmoothOperator",
                           "https://advisory.example/3cx",
                           "3cx.csv:14",
                           "confidence 90 of 100",
                           "second stage",
                           "/tmp/evil",
                           "abababababab",
                           "the very file that ran",
                           "./evil --now two words",
                           "977",
                           "alice",
                           "pts/3",
                           "pty",
                           "/usr/bin/bash",
                           "/usr/sbin/sshd",
                           "/usr/lib/systemd/systemd",
                           "Nothing was lost",
                           "process.hash.sha256"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  CHECK_FALSE(has(text, "Network"));
}

TEST_CASE("network, weakness and loss stand in the explanation", "[cli]") {
  const auto connect = page(sample_alert(AlertKind::kConnectIp));
  for (const auto* part :
       {"Network", "192.0.2.7", "port 443", "tcp", "ok", "because the address alone matched"}) {
    INFO(part);
    CHECK(has(connect, part));
  }
  CHECK(has(page(sample_alert(AlertKind::kHostName)), "evil.example"));
  const auto named = page(sample_alert(AlertKind::kConnectName));
  CHECK(has(named, "the process asked for it itself, 3 s before"));
  CHECK(has(named, "through edge.cdn.example"));
  CHECK(has(named, "STALE"));
  CHECK(has(page(sample_alert(AlertKind::kDnsName)), "www.evil.example"));
  const auto missed = page(sample_alert(AlertKind::kNotCaptured));
  CHECK(has(missed, "NOT HASHED: the file was gone"));
  CHECK(has(missed, "3 events lost at ring/exec"));
  CHECK(has(missed, "1 event lost at hash/queue"));
  CHECK(has(missed, "memfd"));
}

TEST_CASE("container and login stand in the explanation", "[cli]") {
  const auto text = page(sample_alert(AlertKind::kModuleHash));
  for (const auto* part :
       {"by containerd", "registry.example/web:1.2", "sha256:dddd", "web-7d4b (namespace shop)",
        "app=shop", "alice from 198.51.100.9 port 50122 by sshd(812) on pts/3",
        "sudo(900): alice -> root", "in container web (cccccccccccc…) of image"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  // The kernel's login id may be unset where the lineage tells of a login.
  auto alert = sample_alert(AlertKind::kModuleHash);
  alert.lineage[0].login_user.clear();
  alert.lineage[0].login_uid.reset();
  const auto unset = page(alert);
  CHECK(has(unset, "logged in as alice from 198.51.100.9"));
  CHECK_FALSE(has(unset, "without a login"));
  CHECK_FALSE(has(unset, "none that is known"));
}

TEST_CASE("what was refused or killed is told so", "[cli]") {
  auto alert = sample_alert(AlertKind::kExecHash);
  alert.response = ResponseFacts{.rule = "set 3cx-2023", .detail = "in the kernel"};
  auto text = page(alert);
  CHECK(has(text, "/tmp/evil was to be executed, which was refused, and its content is"));
  CHECK_FALSE(has(text, "was executed,"));
  CHECK(has(text, "No: it never ran. Process 977 tried to execute it"));
  CHECK(has(text, "It was refused, by the rule for set 3cx-2023 (in the kernel)."));
  // Nobody is sent to copy the program that tried.
  for (const auto& step : report::next_steps({json_of(alert), {{"running", true}}, 0}))
    CHECK(step.command.find("/proc/") == std::string::npos);

  alert.response->action = ResponseAction::kKill;
  text = page(alert);
  CHECK(has(text, "/tmp/evil was executed"));
  CHECK(has(text, "The process was killed, by the rule"));
  CHECK(has(text, "No: process 977 was killed"));
  alert.response->result = ResponseResult::kRehearsed;
  CHECK(has(page(alert), "Nothing: a dry run, else the process would have been killed"));
  alert = sample_alert(AlertKind::kConnectIp);
  alert.response = ResponseFacts{};
  CHECK(has(page(alert), "tried in vain to contact 192.0.2.7:443"));
}

TEST_CASE("next steps are about the content that the alert is about", "[cli]") {
  const auto commands = [](const Alert& alert) {
    std::string out;
    for (const auto& step : report::next_steps({json_of(alert), {{"running", true}}, 0}))
      out += step.command + "\n";
    return out;
  };
  auto script = sample_alert(AlertKind::kConnectName);
  script.lineage[0].path = "/usr/bin/python3";
  script.lineage[0].script = "/opt/job.py";
  script.lineage[0].script_hash = sample_hash(0xcd, HashRung::kScriptPath);
  CHECK(has(commands(script), "tocsin hunt cdcd"));
  CHECK(has(commands(script), "sudo cp -P /proc/977/root/opt/job.py ./evidence.bin"));
  const auto library = sample_alert(AlertKind::kModuleHash);
  CHECK(has(commands(library), "tocsin hunt " + library.module->hash.digests->sha256.hex()));
  CHECK(has(commands(library), "/root/opt/app/libffmpeg.so"));

  auto packaged = sample_alert(AlertKind::kExecHash);
  packaged.lineage[0].package = sample_package();
  for (const auto& [manager, verify] : {std::pair("dpkg", "dpkg --verify "),
                                        std::pair("rpm", "rpm --verify "), std::pair("apk", "")}) {
    packaged.lineage[0].package.manager = manager;
    const auto all = commands(packaged);
    INFO(all);
    CHECK(has(all, "--verify") == (*verify != '\0'));
    CHECK(has(all, verify));
  }
}

TEST_CASE("since when a content is known is told of that very content", "[cli]") {
  const auto alert = json_of(sample_alert(AlertKind::kExecHash));
  nlohmann::json around = {{"versions",
                            {{{"sha256", std::string(64, 'f')}, {"first", 1764000000}},
                             {{"sha256", report::content_of(alert)}, {"first", 1763000000}}}}};
  const auto since = [&] { return report::verdict_of({alert, around, 0}).since; };
  CHECK(since().find("first seen at its path on 2025-11-13") != std::string::npos);
  around["versions"].erase(1);
  CHECK(since().find("first seen") == std::string::npos);
}

TEST_CASE("every kind of alert has a line and an explanation", "[cli]") {
  for (const auto& facts : all_alert_kinds()) {
    const auto alert = sample_alert(facts.kind);
    const auto line = cli::alert_line(json_of(alert), cli::Output(false));
    INFO(line);
    CHECK(has(line, alert.id));
    CHECK(has(line, to_string(alert.severity)));
    CHECK(has(line, "2025-11-25"));
    CHECK(line.find('\n') == std::string::npos);
    CHECK_FALSE(page(alert).empty());
  }
}

TEST_CASE("names in an alert cannot move the cursor or forge a line", "[cli]") {
  auto alert = sample_alert(AlertKind::kExecHash);
  alert.lineage[0].argv = {"x\n  id          forged", "\x1b[2J", "\xff"};
  alert.lineage[1].path = "/tmp/\x1b]0;title\x07";
  const auto text = page(alert);
  CHECK(has(text, "\\x1b"));
  CHECK_FALSE(has(text, "\n  id          forged"));
}

TEST_CASE("an explanation fits into 80 columns, but for what is to be copied", "[cli]") {
  for (const auto& facts : all_alert_kinds()) {
    auto alert = sample_alert(facts.kind);
    if (!alert.lineage.empty()) alert.lineage[0].argv = {"./evil", std::string(300, 'x'), "a b c"};
    alert.message += " " + std::string(200, 'y');
    for (const auto& line : cli::explanation({json_of(alert), nullptr, 0}, cli::Output(false))) {
      INFO(line);
      CHECK((line.starts_with("    ") || cli::columns_of(line) <= 80));
      CHECK((line.starts_with("    tocsin") || cli::columns_of(line) <= 80));
    }
  }
}

TEST_CASE("a beacon's explanation tells group by group, and shows its intervals", "[cli]") {
  auto alert = json_of(sample_alert(AlertKind::kBeacon));
  alert["tocsin"]["beacon"] = {
      {"subject", {{"path", "/opt/evil"}}},
      {"destination", "c2.example"},
      {"port", 443},
      {"kind", "connect"},
      {"contacts", 20},
      {"episodes", 20},
      {"period_s", 60},
      {"jitter", 0.05},
      {"intervals", {60, 61, 59}},
      {"dormant_s", 3 * 86'400},
      {"timing", 0.9},
      {"probability", 0.956},
      {"evidence", {{"timing", 2.9}, {"image", 2.0}, {"destination", 0.5}, {"lineage", -0.5}}},
      {"because", {"no package owns the file", "a person who logged in started it"}},
      {"first", 1764070000},
      {"last", 1764071140}};
  nlohmann::json around = {{"contacts", nlohmann::json::array()},
                           {"running", true},
                           {"programs", {{{"what", "/usr/bin/curl"}, {"count", 2}}}}};
  for (int i = 0; i < 20; ++i)
    around["contacts"].push_back({1764070000 + 60 * i + i % 2, 500, "ok"});
  std::string text;
  for (const auto& line : cli::explanation({alert, around, 1764072000}, cli::Output(false)))
    text += line + "\n";
  INFO(text);
  for (const auto* part :
       {"/opt/evil calls c2.example:443 every 60 s ± 5 %", "95 % likely, by evidence of 3 groups",
        "+2.9 Timing: contacts come every 60 s ± 5 %, in 20 episodes",
        "+2.0 The program: no package owns the file",
        "-0.5 Where it came from: a person who logged in started it",
        "+0.0 What followed: nothing speaks for or against it", "YES: process 977",
        "the last 19 of 19; median", "3 days, from its first run or its update",
        "/usr/bin/curl, 2 times", "tocsin hunt 'c2[.]example'", "sudo cp /proc/977/exe"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  text.clear();
  for (const auto& line : cli::explanation({alert, nullptr, 0}, cli::Output(false)))
    text += line + "\n";
  INFO(text);
  CHECK(has(text, "the last 3: "));
}

TEST_CASE("an incident is told step by step", "[cli]") {
  auto alert = sample_alert(AlertKind::kExecHash);
  alert.incident = IncidentFacts{.updated_ns = alert.time_ns - 86'400 * kNsPerSecond,
                                 .before = Sha256::parse(std::string(64, 'd')),
                                 .steps = {{.at_ns = alert.time_ns,
                                            .kind = IncidentStepKind::kShell,
                                            .command = "sh -i",
                                            .process = {977, 1}},
                                           {.at_ns = alert.time_ns + kNsPerSecond,
                                            .kind = IncidentStepKind::kRecon,
                                            .command = "uname -a",
                                            .process = {}}},
                                 .steps_left_out = 4};
  const auto text = page(alert);
  for (const auto* part :
       {"What happened below it, step by step", "the program was changed", "sha256 dddddddddddd",
        "a shell on a socket or a fresh terminal (pid "
        "977)",
        "sh -i", "looking around", "uname -a", "and 4 more"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  CHECK(page(sample_alert(AlertKind::kExecHash)).find("step by step") == std::string::npos);
}

TEST_CASE("what was found by hindsight is told so", "[cli]") {
  auto alert = sample_alert(AlertKind::kDnsName);
  alert.retro = RetroExposure{.first_ns = 1'763'000'000'000'000'000,
                              .last_ns = 1'763'900'000'000'000'000,
                              .count = 213,
                              .days = 12,
                              .programs = {{"/opt/app", "", "", "", 0, 0, 213}},
                              .flags = {"asked for"},
                              .gaps = 1,
                              .gap_ns = 7'200'000'000'000};
  const auto text = page(alert);
  for (const auto* part : {"213 times on 12 days", "after the indicator became known",
                           "/opt/app, 213 times", "asked for", "nobody watched"}) {
    INFO(part);
    CHECK(has(text, part));
  }
}

TEST_CASE("commands ask the same place about the alert's own time", "[cli]") {
  auto alert = json_of(sample_alert(AlertKind::kConnectName));
  alert["tocsin"]["time"] = 1'679'565'750.5;  // 2023-03-23T10:02:30Z
  const auto commands = [&](const std::string& state_dir) {
    std::string out;
    for (const auto& step : report::next_steps({alert, nullptr, 0, state_dir}))
      out += step.command + "\n";
    return out;
  };
  CHECK(has(commands(""), "tocsin alerts --since 2023-03-23T09:02Z --until 2023-03-23T11:03Z\n"));
  CHECK_FALSE(has(commands(""), "--state-dir"));
  alert["tocsin"]["beacon"]["first"] = 1'679'395'200;  // 2023-03-21T10:40:00Z
  const auto there = commands("/mnt/my case");
  CHECK(has(there,
            "tocsin report --since 2023-03-21T09:40Z --until 2023-03-23T11:03Z "
            "--state-dir '/mnt/my case' -o around.html\n"));
  CHECK_FALSE(has(there, "tocsin alerts"));
  for (const auto* part : {"tocsin hunt '", "tocsin report "}) {
    const auto at = there.find(part);
    REQUIRE(at != std::string::npos);
    CHECK(has(there.substr(at, there.find('\n', at) - at), " --state-dir '/mnt/my case'"));
  }
  CHECK(has(commands("it's"), "--state-dir 'it'\\''s'"));
  for (const auto* word : {"--since ", "--until "}) {
    const auto text = commands("");
    const auto at = text.find(word) + 8;
    CHECK(cli::parse_time(text.substr(at, text.find_first_of(" \n", at) - at), 0));
  }
}

TEST_CASE("the line that silences a false positive is told whole", "[cli]") {
  const auto why = [](const nlohmann::json& alert) {
    return report::next_steps({alert, nullptr, 0}).back().why;
  };
  auto alert = json_of(sample_alert(AlertKind::kConnectName));
  const auto& indicator = alert["tocsin"]["indicator"][0];
  CHECK(has(why(alert), "with a line " + indicator["type"].get<std::string>() + "," +
                            indicator["value"].get<std::string>() + ",note=WHY (man"));
  alert["tocsin"]["indicator"][0]["value"] = "$(id)";
  CHECK_FALSE(has(why(alert), "$(id)"));

  alert = json_of(sample_alert(AlertKind::kBeacon));
  auto& subject = alert["tocsin"]["beacon"]["subject"];
  subject = {{"path", "/opt/evil"}, {"sha256", std::string(64, 'a')}, {"kind", "content"}};
  const auto last = [&] { return report::next_steps({alert, nullptr, 0}).back(); };
  CHECK(last().command ==
        "sudoedit /etc/tocsin/conf.d/allow.toml && sudo systemctl reload tocsind");
  // Without a digest it cannot be silenced so, which is told.
  subject["sha256"] = nullptr;
  for (const auto& [kind, part] :
       {std::pair("command", "no file to verify"), std::pair("file", "was not hashed"),
        std::pair("script-path", "its script was not hashed")}) {
    subject["kind"] = kind;
    CHECK(last().command.empty());
    CHECK(has(last().why, part));
    std::string text;
    for (const auto& line : cli::explanation({alert, nullptr, 0}, cli::Output(false)))
      text += line + "\n";
    CHECK(has(text, "beacon.known_destinations (man tocsin.toml)."));
    CHECK_FALSE(has(text, "allow.toml"));
  }
}

TEST_CASE("only values that no shell can misread stand in commands", "[cli]") {
  auto alert = json_of(sample_alert(AlertKind::kConnectName));
  for (const auto* hostile : {"a;reboot", "$(id)", "x'y", "-rf", "a b", "\u202e.example"}) {
    alert["destination"]["domain"] = hostile;
    alert["event"]["id"] = hostile;
    for (const auto& step : report::next_steps({alert, nullptr, 0})) {
      INFO(step.command);
      CHECK(step.command.find(hostile) == std::string::npos);
    }
  }
}

TEST_CASE("an alert of unexpected shape does no harm", "[cli]") {
  for (
      const auto* text :
      {"{}", R"({"tocsin":7})", R"({"tocsin":{"lineage":{},"indicator":"x","loss":[],"time":"y"}})",
       R"({"process":[],"tocsin":{"lineage":[7,null,[]],"indicator":[null]},"destination":1})",
       R"({"message":["a"],"event":{"id":{"x":1}},"tocsin":{"time":1e300,"loss":{"lost":[3]}}})"}) {
    const auto alert = nlohmann::json::parse(text);
    INFO(text);
    CHECK_NOTHROW(cli::alert_line(alert, cli::Output(false)));
    CHECK_NOTHROW(cli::explanation({alert, alert, 0}, cli::Output(false)));
  }
}
