// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/config.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "daemon/config_keys.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::TempDir;

std::string faults_of(const ConfigLoad& load) {
  std::string out;
  for (const auto& fault : load.faults) out += fault.to_string() + "\n";
  return out;
}

ConfigLoad from_text(std::string_view text) {
  ConfigLoad load;
  apply_config_text(text, "t.toml", load);
  return load;
}

ConfigLoad from_options(std::vector<std::string> options) {
  ConfigLoad load;
  for (const auto& option : options) apply_config_override(option, load);
  return load;
}

std::string value_of(const Config& config, std::string_view key) {
  for (const auto& line : describe(config))
    if (line.key == key) return line.value + " (" + line.origin + ")";
  return "no such key";
}

TEST_CASE("without files and options everything has its default", "[config]") {
  const TempDir dir;
  const auto load = load_config({.dropin_dir = dir.path().string()});
  // The host may have an /etc/tocsin/tocsin.toml of its own: only its faults would matter here.
  CHECK(faults_of(load) == "");
  const Config config;
  CHECK(config.control.socket == "/run/tocsin/control.sock");
  CHECK(config.control.group == "tocsin");
  for (const auto& line : describe(config)) CHECK(line.origin == "default");
}

TEST_CASE("drop-ins win in the order of their names, options win over all", "[config]") {
  const TempDir dir;
  const auto main = dir.write("tocsin.toml",
                              "state_dir = \"/main\"\n[sinks.file]\nkeep = 1\nmax_bytes = 5000\n"
                              "[log]\nlevel = \"warn\"\n");
  const auto b = dir.write("conf.d/20-b.toml", "[sinks.file]\nkeep = 3\n");
  dir.write("conf.d/10-a.toml", "\n[sinks]\nfile.keep = 2\nstdout = \"json\"\n");
  dir.write("conf.d/ignored.txt", "nonsense = ");
  const auto load = load_config({.file = main, .overrides = {"log.level=error"}});
  INFO(faults_of(load));
  REQUIRE(load.ok());
  CHECK(load.files.size() == 3);
  CHECK(load.config.sinks.file.keep == 3);
  CHECK(load.config.log.level == LogLevel::kError);
  CHECK(value_of(load.config, "state_dir") == "\"/main\" (" + main + ":1)");
  CHECK(value_of(load.config, "sinks.file.keep") == "3 (" + b + ":2)");
  CHECK(value_of(load.config, "sinks.file.max_bytes") == "5000 (" + main + ":4)");
  CHECK(value_of(load.config, "log.level") == "\"error\" (-o)");
  CHECK(value_of(load.config, "hash.max_bytes") == "1073741824 (default)");
}

TEST_CASE("every fault is told with its place, and the rest is taken", "[config]") {
  const auto load = from_text(
      "state_dirr = \"/x\"\n"           // 1
      "[sinks]\n"                       // 2
      "stdout = \"loud\"\n"             // 3
      "journald = \"yes\"\n"            // 4
      "[sinks.file]\n"                  // 5
      "path = \"relative/alerts\"\n"    // 6
      "max_bytes = 1\n"                 // 7
      "keep = 7\n"                      // 8
      "[sink.file]\n"                   // 9
      "path = \"/x\"\n"                 // 10
      "[capture]\n"                     // 11
      "ring_bytes = 1000000\n"          // 12
      "disable_hooks = [\"a\", 2]\n"    // 13
      "[indicators]\n"                  // 14
      "paths = [\"/good\", \"bad\"]\n"  // 15
      "[hash]\n"                        // 16
      "max_bytes = 2026-01-01\n");      // 17
  CHECK(
      faults_of(load) ==
      "t.toml:1:1: state_dirr: no such key; did you mean state_dir?\n"
      "t.toml:3:10: sinks.stdout: must be one of off, human, json, not 'loud'\n"
      "t.toml:4:12: sinks.journald: must be true or false, not a text\n"
      "t.toml:6:8: sinks.file.path: must be an absolute path, not 'relative/alerts'\n"
      "t.toml:7:13: sinks.file.max_bytes: must be from 4096 to 1099511627776, not 1\n"
      "t.toml:9:2: sink: no such section; did you mean sinks?\n"
      "t.toml:12:14: capture.ring_bytes: must be a power of two, not 1000000 (next: 1048576)\n"
      "t.toml:13:17: capture.disable_hooks: must be a list of texts, not a list with other things "
      "than texts\n"
      "t.toml:15:9: indicators.paths: entry 2 must be an absolute path, not 'bad'\n"
      "t.toml:17:13: hash.max_bytes: must be a whole number, not a date or time\n");
  CHECK(load.config.sinks.file.keep == 7);
  CHECK(load.config.state_dir == Config{}.state_dir);
}

TEST_CASE("a name in the wrong section is found", "[config]") {
  CHECK(nearest_config_name("journald") == "sinks.journald");
  CHECK(nearest_config_name("beacon.timescale") == "beacon.time_scale");
  CHECK(nearest_config_name("control.scoket") == "control.socket");
  CHECK(nearest_config_name("selfproof") == "self_proof");
  CHECK(nearest_config_name("banana").empty());
  CHECK(nearest_config_name(std::string(100'000, 'x')).empty());
  const auto load = from_text("sinks = true\nlog.level.x = 1\n");
  CHECK(faults_of(load) ==
        "t.toml:1:1: sinks: is a section: write [sinks] and its keys below\n"
        "t.toml:2:5: log.level: must be one of trace, debug, info, warn, error, not a section\n");
}

TEST_CASE("several syntax errors of one file are all told", "[config]") {
  const auto load = from_text(
      "state_dir = \n"        // 1: no value
      "[sinks]\n"             // 2
      "stdout = \"json\"\n"   // 3
      "journald = maybe\n"    // 4: not a value
      "[broken\n"             // 5: head goes with what stands below it
      "stdout = \"human\"\n"  // 6
      "[log]\n"               // 7
      "levle = \"info\"\n");  // 8: a fault of its own
  REQUIRE(load.faults.size() == 4);
  CHECK(load.faults[0].line == 1);
  CHECK(load.faults[1].line == 4);
  CHECK(load.faults[2].line == 5);
  CHECK(load.faults[3].to_string() ==
        "t.toml:8:1: log.levle: no such key; did you mean log.level?");
  CHECK(load.config.sinks.stdout_mode == StdoutMode::kJson);
}

TEST_CASE("options take bare words, TOML and single texts for lists", "[config]") {
  const auto load = from_options(
      {"sinks.stdout=human", "sinks.file.enabled=false", "hash.max_bytes = 1_000_000",
       "control.group=1000", "state_dir=/tmp/a=b", "indicators.paths=/tmp/x.csv",
       "capture.disable_hooks=[\"fork\", 'cgroup_skb/egress+ingress']", "beacon.time_scale=10"});
  CHECK(faults_of(load) == "");
  const Config& c = load.config;
  CHECK(c.sinks.stdout_mode == StdoutMode::kHuman);
  CHECK_FALSE(c.sinks.file.enabled);
  CHECK(c.hash.max_bytes == 1'000'000);
  CHECK(c.control.group == "1000");
  CHECK(c.state_dir == "/tmp/a=b");
  CHECK(c.indicators.paths == std::vector<std::string>{"/tmp/x.csv"});
  CHECK(c.capture.disable_hooks == std::vector<std::string>{"fork", "cgroup_skb/egress+ingress"});
  CHECK(c.beacon.time_scale == 10);
}

TEST_CASE("relative paths in options count from the working directory", "[config]") {
  const auto load = from_options({"state_dir=x/../y", "indicators.paths=[\"iocs\"]"});
  CHECK(load.config.state_dir == (std::filesystem::current_path() / "y").string());
  CHECK(load.config.indicators.paths.at(0) == (std::filesystem::current_path() / "iocs").string());
}

TEST_CASE("faulty options are refused one by one", "[config]") {
  const auto load = from_options({"sinks.stdout", "sinks.stdoud=json", "sinks.journald=maybe",
                                  "capture.disable_hooks=[\"a\"", "self_proof.interval_s=nan",
                                  "self_proof.interval_s=0.01", "hash.max_bytes=-1",
                                  "sinks.file.keep=2\nstate_dir=3", "log.level=warn"});
  CHECK(load.faults.size() == 8);
  CHECK(load.faults.at(0).to_string() == "-o sinks.stdout: must read section.key=value");
  CHECK(load.faults.at(1).to_string() ==
        "-o sinks.stdoud=json: no such key; did you mean sinks.stdout?");
  CHECK(load.faults.at(5).to_string() ==
        "-o self_proof.interval_s=0.01: self_proof.interval_s: must be from 0.1 to 86400, or 0 for "
        "off, not 0.01");
  CHECK(load.config.log.level == LogLevel::kWarn);
  CHECK(load.config.sinks.file.keep == Config{}.sinks.file.keep);
}

TEST_CASE("a hook that does not exist is refused with those that do", "[config]") {
  const auto load = from_options({"capture.disable_hooks=['exec', 'exce']"});
  REQUIRE(load.faults.size() == 1);
  const std::string fault = load.faults[0].to_string();
  INFO(fault);
  CHECK(fault.find("entry 2 names no hook: 'exce'; there are fork, ") != std::string::npos);
  CHECK(fault.find("packet, cgroup_skb/egress+ingress") != std::string::npos);
  CHECK(load.config.capture.disable_hooks.empty());
}

TEST_CASE("a missing file is a fault only when it was asked for", "[config]") {
  const TempDir dir;
  const auto load = load_config({.file = dir.file("none.toml")});
  REQUIRE(load.faults.size() == 1);
  CHECK(load.faults[0].to_string() == dir.file("none.toml") + ": No such file or directory");
  const auto folder = load_config({.file = dir.path().string(), .dropin_dir = dir.path().string()});
  REQUIRE(folder.faults.size() == 1);
  const auto big = dir.write("big.toml", std::string(1024 * 1024 + 1, '#'));
  const auto too_big = load_config({.file = big});
  REQUIRE(too_big.faults.size() == 1);
  CHECK(too_big.faults[0].reason == "larger than 1048576 bytes");
}

TEST_CASE("a socket path that cannot be bound is refused", "[config]") {
  CHECK(from_options({"control.socket=/" + std::string(106, 's')}).ok());
  CHECK_FALSE(from_options({"control.socket=/" + std::string(107, 's')}).ok());
  CHECK_FALSE(from_options({"control.socket=/a\xff"}).ok());
}

// What "config show" prints can be written back as a file and gives the same configuration.
TEST_CASE("described values read back", "[config]") {
  auto load =
      from_options({"control.group=a\"b\\\x01", "capture.disable_hooks=['exec','packet_out']",
                    "beacon.time_scale=0.000001", "alerts.fold_window_s=1e4"});
  INFO(faults_of(load));
  REQUIRE(load.ok());
  std::string text;
  for (const auto& line : describe(load.config)) text += line.key + " = " + line.value + "\n";
  const auto again = from_text(text);
  CHECK(faults_of(again) == "");
  for (const ConfigKey& key : config_keys())
    CHECK(config_value_text(again.config, key) == config_value_text(load.config, key));
}

TEST_CASE("the shipped file documents every key with its true default", "[config]") {
  const std::string path = std::string(TOCSIN_SOURCE_DIR) + "/systemd/tocsin.toml";
  const std::string shipped = test::read_text(path);
  REQUIRE_FALSE(shipped.empty());
  // As shipped it changes nothing.
  const auto as_it_is = from_text(shipped);
  CHECK(faults_of(as_it_is) == "");
  CHECK(as_it_is.config.origins.empty());

  // "#key = value" is a default, "# words" is prose.
  std::istringstream lines(shipped);
  std::string uncommented, line;
  while (std::getline(lines, line)) {
    const bool key = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    uncommented += (key ? line.substr(1) : line) + "\n";
  }
  const auto load = from_text(uncommented);
  CHECK(faults_of(load) == "");
  const Config defaults;
  for (const ConfigKey& key : config_keys()) {
    INFO(key.name);
    CHECK(load.config.origins.contains(key.name));
    CHECK(config_value_text(load.config, key) == config_value_text(defaults, key));
  }
}

}  // namespace
}  // namespace tocsin
