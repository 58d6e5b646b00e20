// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "daemon/fleet_config.hpp"

namespace tocsin {

enum class StdoutMode : std::uint8_t { kOff, kHuman, kJson };
enum class FileFormat : std::uint8_t { kEcs, kOcsf };
enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError };

std::string_view to_string(StdoutMode mode);    // "off", …
std::string_view to_string(FileFormat format);  // "ecs", "ocsf"
std::string_view to_string(LogLevel level);     // "info", …

// Where a value came from: a file and line, or the text of a -o option (line 0).
struct ConfigOrigin {
  std::string file;
  std::uint32_t line = 0;
  [[nodiscard]] std::string to_string() const;  // "/etc/tocsin/tocsin.toml:12"
};

// Everything the daemon can be told, with the built-in defaults. daemon/config_keys.cpp names each
// member as a key with its range; systemd/tocsin.toml explains each to the reader.
struct Config {
  std::string state_dir = "/var/lib/tocsin";
  // The host that is watched, where it is not simply this process's surroundings: in a container.
  struct Host {
    std::string root = "/";  // where its files are: package databases, accounts, container state
    std::string name;        // empty: the kernel's
    // A path of the host as this process reaches it.
    [[nodiscard]] std::string at(std::string_view path) const;
  } host;
  struct Control {
    std::string socket = "/run/tocsin/control.sock";
    std::string group = "tocsin";             // empty: root only
    std::string relay_user = "tocsin-relay";  // may bring feeds and look-ups; empty: root only
    std::string fleet_user = "tocsin-fleet";  // may bring sets, too; empty: root only
  } control;
  struct Indicators {
    std::vector<std::string> paths = {"/usr/share/tocsin/iocs", "/etc/tocsin/iocs.d",
                                      "/var/lib/tocsin/iocs"};
  } indicators;
  // What tocsin-relay does; the daemon reads resolve.exclude_sets only.
  struct Relay {
    std::string state_dir = "/var/lib/tocsin-relay";
    std::string feeds = "/etc/tocsin/feeds.toml";
    std::string metrics_listen;  // address and port of the metrics page; empty: none
    std::string webhooks = "/etc/tocsin/webhooks.toml";
    std::uint64_t spool_max_bytes = 64 * 1024 * 1024;  // alerts that webhooks have not had
  } relay;
  struct Resolve {
    bool enabled = true;
    std::vector<std::string> servers;       // empty: those of /etc/resolv.conf
    std::vector<std::string> exclude_sets;  // whose names are not asked for
    double per_second = 5;
    double floor_s = 300, ceiling_s = 86'400;  // between two questions for one name
  } resolve;
  struct Sinks {
    StdoutMode stdout_mode = StdoutMode::kOff;  // key sinks.stdout
    struct File {
      bool enabled = true;
      std::string path = "/var/log/tocsin/alerts.jsonl";
      FileFormat format = FileFormat::kEcs;
      std::uint64_t max_bytes = 100 * 1024 * 1024;
      std::uint64_t keep = 5;  // rotated files beside the current one
    } file;
    bool journald = true;
  } sinks;
  struct Hash {
    std::uint64_t max_bytes = 1024ULL * 1024 * 1024;
  } hash;
  struct Capture {
    std::uint64_t ring_bytes = limits::kRingBytes;
    std::vector<std::string> disable_hooks;
    bool costly_hooks = false;
  } capture;
  struct SelfProof {
    double interval_s = 300;  // 0: never
  } self_proof;
  struct Names {
    // systemd-resolved's monitor socket; empty: it is not asked.
    std::string resolver_monitor = "/run/systemd/resolve/io.systemd.Resolve.Monitor";
  } names;
  struct Containers {
    // Where runtimes keep what they run; the daemon only reads there.
    std::vector<std::string> state_dirs = {"/var/lib/docker",
                                           "/var/lib/containers/storage",
                                           "/run/containers/storage",
                                           "/run/containerd",
                                           "/run/k3s/containerd",
                                           "/run/runc",
                                           "/run/crun",
                                           "/run/crio"};
  } containers;
  struct Beacon {
    double time_scale = 1;
    std::vector<std::string> weights;             // "image.unowned=1.5": over the built-in ones
    std::vector<std::string> known_destinations;  // of this site: they and all below are popular
    std::vector<std::string> allow;               // programs vouched for: see AllowEntry
    double save_interval_s = 300;
  } beacon;
  struct History {
    bool enabled = true;
    std::uint64_t days = 30;  // single events
    std::uint64_t max_bytes = 1024ULL * 1024 * 1024;
    std::uint64_t seen_days = 90;  // sightings
    std::uint64_t alert_days = 365;
  } history;
  struct Alerts {
    double fold_window_s = static_cast<double>(limits::kFoldWindowNs) / 1e9;  // 0: no folding
    bool self_test = true;
  } alerts;
  // What is done beside the alert; nothing by default. See respond/response_policy.hpp.
  struct Response {
    std::vector<std::string> sets;        // "3cx-2023=deny"
    std::vector<std::string> severities;  // "critical=kill@2026-12-31"
    bool dry_run = false;
    std::vector<std::string> allow;  // never denied, never killed: addresses, names, SHA-256
    bool refuse_questions = false;   // DNS questions for denied names are dropped
    std::vector<std::string> isolation_allow;  // networks that an isolated host talks to
  } response;
  FleetConfig fleet;
  struct Log {
    LogLevel level = LogLevel::kInfo;
  } log;

  // By key; a key that is not in here has its default.
  std::map<std::string, ConfigOrigin, std::less<>> origins;
};

struct ConfigFault {
  std::string file;                             // or the text of the -o option
  std::uint32_t line = 0;                       // 0: the whole file, or an option
  std::uint32_t column = 0;                     // in characters, from 1
  std::string key;                              // empty for a syntax error
  std::string reason;                           // for people, with a suggestion where there is one
  [[nodiscard]] std::string to_string() const;  // "FILE:LINE:COLUMN: KEY: REASON"
};

struct ConfigOptions {
  // Must exist when given; the default file may be missing.
  std::optional<std::string> file = {};
  // Drop-ins *.toml in the order of their names. Not given: "conf.d" beside the file.
  std::optional<std::string> dropin_dir = {};
  std::vector<std::string> overrides =
      {};  // "section.key=value", in order, stronger than all files
};

// Every fault is in the list; a faulty value leaves its key as it was, and the rest is taken.
// Whether to go on with faults is the caller's choice: a start refuses, a reload keeps the old
// values.
struct ConfigLoad {
  Config config;
  std::vector<ConfigFault> faults;
  std::vector<std::string> files;  // read, in order
  [[nodiscard]] bool ok() const { return faults.empty(); }
};

inline constexpr std::string_view kDefaultConfigFile = "/etc/tocsin/tocsin.toml";

ConfigLoad load_config(const ConfigOptions& options);

// One file's text on top of what load holds: the way load_config takes each file.
void apply_config_text(std::string_view text, const std::string& file, ConfigLoad& load);
// One "section.key=value": the value is read as TOML, and as plain text where that fails or where
// the key wants a text. A list key takes a single text too. Relative paths count from the working
// directory.
void apply_config_override(const std::string& option, ConfigLoad& load);

struct ConfigLine {
  std::string key;
  std::string value;   // as TOML
  std::string origin;  // "default", "FILE:LINE" or "-o"
};
// Every key in the order of the documentation.
std::vector<ConfigLine> describe(const Config& config);

}  // namespace tocsin
