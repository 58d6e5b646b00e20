// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/config_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <type_traits>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "beacon/evidence.hpp"
#include "capture/hook_table.hpp"
#include "daemon/allow_list.hpp"
#include "respond/response_policy.hpp"

namespace tocsin {
namespace {

constexpr double kKiB = 1024, kGiB = 1024.0 * 1024 * 1024;
constexpr double kDayS = 86'400;
constexpr std::size_t kListMax = 256;         // entries of one list; more is a fault
constexpr std::size_t kTextBytesMax = 4'096;  // longest text value, PATH_MAX; longer is a fault

constexpr std::array<std::string_view, 3> kStdoutModes = {"off", "human", "json"};
constexpr std::array<std::string_view, 2> kFileFormats = {"ecs", "ocsf"};
constexpr std::array<std::string_view, 5> kLogLevels = {"trace", "debug", "info", "warn", "error"};

constexpr ConfigKey kKeys[] = {
    {.name = "state_dir",
     .slot = [](Config& c) -> ConfigSlot { return &c.state_dir; },
     .rule = TextRule::kAbsolutePath},
    {.name = "control.socket",
     .slot = [](Config& c) -> ConfigSlot { return &c.control.socket; },
     .rule = TextRule::kSocketPath},
    {.name = "control.group", .slot = [](Config& c) -> ConfigSlot { return &c.control.group; }},
    {.name = "control.relay_user",
     .slot = [](Config& c) -> ConfigSlot { return &c.control.relay_user; }},
    {.name = "relay.state_dir",
     .slot = [](Config& c) -> ConfigSlot { return &c.relay.state_dir; },
     .rule = TextRule::kAbsolutePath},
    {.name = "relay.feeds",
     .slot = [](Config& c) -> ConfigSlot { return &c.relay.feeds; },
     .rule = TextRule::kAbsolutePath},
    {.name = "relay.metrics_listen",
     .slot = [](Config& c) -> ConfigSlot { return &c.relay.metrics_listen; }},
    {.name = "relay.webhooks",
     .slot = [](Config& c) -> ConfigSlot { return &c.relay.webhooks; },
     .rule = TextRule::kAbsolutePath},
    {.name = "relay.spool_max_bytes",
     .slot = [](Config& c) -> ConfigSlot { return &c.relay.spool_max_bytes; },
     .least = 64 * kKiB,
     .most = 64 * kGiB},
    {.name = "resolve.enabled", .slot = [](Config& c) -> ConfigSlot { return &c.resolve.enabled; }},
    {.name = "resolve.servers", .slot = [](Config& c) -> ConfigSlot { return &c.resolve.servers; }},
    {.name = "resolve.exclude_sets",
     .slot = [](Config& c) -> ConfigSlot { return &c.resolve.exclude_sets; }},
    {.name = "resolve.per_second",
     .slot = [](Config& c) -> ConfigSlot { return &c.resolve.per_second; },
     .least = 0.1,
     .most = 1000},
    {.name = "resolve.floor_s",
     .slot = [](Config& c) -> ConfigSlot { return &c.resolve.floor_s; },
     .least = 1,
     .most = 7 * kDayS},
    {.name = "resolve.ceiling_s",
     .slot = [](Config& c) -> ConfigSlot { return &c.resolve.ceiling_s; },
     .least = 1,
     .most = 30 * kDayS},
    {.name = "indicators.paths",
     .slot = [](Config& c) -> ConfigSlot { return &c.indicators.paths; },
     .rule = TextRule::kAbsolutePath},
    {.name = "sinks.stdout", .slot = [](Config& c) -> ConfigSlot { return &c.sinks.stdout_mode; }},
    {.name = "sinks.file.enabled",
     .slot = [](Config& c) -> ConfigSlot { return &c.sinks.file.enabled; }},
    {.name = "sinks.file.path",
     .slot = [](Config& c) -> ConfigSlot { return &c.sinks.file.path; },
     .rule = TextRule::kAbsolutePath},
    {.name = "sinks.file.format",
     .slot = [](Config& c) -> ConfigSlot { return &c.sinks.file.format; }},
    {.name = "sinks.file.max_bytes",
     .slot = [](Config& c) -> ConfigSlot { return &c.sinks.file.max_bytes; },
     .least = 4 * kKiB,
     .most = 1024 * kGiB},
    {.name = "sinks.file.keep",
     .slot = [](Config& c) -> ConfigSlot { return &c.sinks.file.keep; },
     .most = 1000},
    {.name = "sinks.journald", .slot = [](Config& c) -> ConfigSlot { return &c.sinks.journald; }},
    {.name = "hash.max_bytes",
     .slot = [](Config& c) -> ConfigSlot { return &c.hash.max_bytes; },
     .least = 64 * kKiB,
     .most = 1024 * kGiB},
    {.name = "capture.ring_bytes",
     .slot = [](Config& c) -> ConfigSlot { return &c.capture.ring_bytes; },
     .least = 64 * kKiB,
     .most = kGiB,
     .power_of_two = true},
    {.name = "capture.disable_hooks",
     .slot = [](Config& c) -> ConfigSlot { return &c.capture.disable_hooks; },
     .rule = TextRule::kHookName},
    {.name = "capture.costly_hooks",
     .slot = [](Config& c) -> ConfigSlot { return &c.capture.costly_hooks; }},
    {.name = "names.resolver_monitor",
     .slot = [](Config& c) -> ConfigSlot { return &c.names.resolver_monitor; }},
    {.name = "containers.state_dirs",
     .slot = [](Config& c) -> ConfigSlot { return &c.containers.state_dirs; },
     .rule = TextRule::kAbsolutePath},
    {.name = "self_proof.interval_s",
     .slot = [](Config& c) -> ConfigSlot { return &c.self_proof.interval_s; },
     .least = 0.1,
     .most = kDayS,
     .zero_is_off = true},
    {.name = "beacon.time_scale",
     .slot = [](Config& c) -> ConfigSlot { return &c.beacon.time_scale; },
     .least = 1e-6,
     .most = 1e6},
    {.name = "beacon.weights",
     .slot = [](Config& c) -> ConfigSlot { return &c.beacon.weights; },
     .rule = TextRule::kBeaconWeight},
    {.name = "beacon.known_destinations",
     .slot = [](Config& c) -> ConfigSlot { return &c.beacon.known_destinations; }},
    {.name = "beacon.allow",
     .slot = [](Config& c) -> ConfigSlot { return &c.beacon.allow; },
     .rule = TextRule::kBeaconAllow},
    {.name = "beacon.save_interval_s",
     .slot = [](Config& c) -> ConfigSlot { return &c.beacon.save_interval_s; },
     .least = 1,
     .most = kDayS},
    {.name = "history.enabled", .slot = [](Config& c) -> ConfigSlot { return &c.history.enabled; }},
    {.name = "history.days",
     .slot = [](Config& c) -> ConfigSlot { return &c.history.days; },
     .least = 1,
     .most = 3'650},
    {.name = "history.max_bytes",
     .slot = [](Config& c) -> ConfigSlot { return &c.history.max_bytes; },
     .least = 1024 * kKiB,
     .most = 1024 * kGiB},
    {.name = "history.seen_days",
     .slot = [](Config& c) -> ConfigSlot { return &c.history.seen_days; },
     .least = 1,
     .most = 3'650},
    {.name = "history.alert_days",
     .slot = [](Config& c) -> ConfigSlot { return &c.history.alert_days; },
     .least = 1,
     .most = 3'650},
    {.name = "alerts.fold_window_s",
     .slot = [](Config& c) -> ConfigSlot { return &c.alerts.fold_window_s; },
     .least = 0.1,
     .most = 7 * kDayS,
     .zero_is_off = true},
    {.name = "alerts.self_test",
     .slot = [](Config& c) -> ConfigSlot { return &c.alerts.self_test; }},
    {.name = "response.sets",
     .slot = [](Config& c) -> ConfigSlot { return &c.response.sets; },
     .rule = TextRule::kSetResponse},
    {.name = "response.severities",
     .slot = [](Config& c) -> ConfigSlot { return &c.response.severities; },
     .rule = TextRule::kSeverityResponse},
    {.name = "response.dry_run",
     .slot = [](Config& c) -> ConfigSlot { return &c.response.dry_run; }},
    {.name = "response.allow",
     .slot = [](Config& c) -> ConfigSlot { return &c.response.allow; },
     .rule = TextRule::kResponseAllow},
    {.name = "response.refuse_questions",
     .slot = [](Config& c) -> ConfigSlot { return &c.response.refuse_questions; }},
    {.name = "response.isolation_allow",
     .slot = [](Config& c) -> ConfigSlot { return &c.response.isolation_allow; },
     .rule = TextRule::kNetwork},
    {.name = "log.level", .slot = [](Config& c) -> ConfigSlot { return &c.log.level; }},
};

using Checked = std::expected<void, std::string>;

std::unexpected<std::string> refuse(std::string reason) {
  return std::unexpected(std::move(reason));
}

std::string type_of(const ConfigValue& value) {
  static constexpr std::array<std::string_view, 5> kNames = {
      "a text", "a whole number", "a number with a fraction", "true or false", "a list of texts"};
  if (const auto* other = std::get_if<ConfigOther>(&value)) return other->type_name;
  return std::string(kNames[value.index()]);
}

std::unexpected<std::string> wrong_type(std::string_view wanted, const ConfigValue& value) {
  return refuse(fmt::format("must be {}, not {}", wanted, type_of(value)));
}

// The rules of one stage each: why the text is wrong.
std::optional<std::string> fault_of(const std::string& text, TextRule rule) {
  switch (rule) {
    case TextRule::kBeaconWeight:
      if (auto set = EvidenceWeights().set(text); !set) return set.error().message;
      return std::nullopt;
    case TextRule::kBeaconAllow:
      if (auto entry = AllowEntry::parse(text); !entry) return entry.error().message;
      return std::nullopt;
    case TextRule::kHookName:
      if (is_hook_name(text)) return std::nullopt;
      return fmt::format("names no hook: '{}'; there are {}", printable(text), hook_names());
    case TextRule::kSetResponse:
      return fault_of_set_rule(text);
    case TextRule::kSeverityResponse:
      return fault_of_severity_rule(text);
    case TextRule::kResponseAllow:
      return fault_of_allowed(text);
    case TextRule::kNetwork:
      if (auto network = parse_network(text); !network) return network.error().message;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

Checked check_text(const std::string& text, TextRule rule) {
  if (text.size() > kTextBytesMax)
    return refuse(fmt::format("is {} bytes long, {} at most", text.size(), kTextBytesMax));
  if (text.find('\0') != std::string::npos) return refuse("must not hold a NUL byte");
  if (!is_utf8(text)) return refuse("must be UTF-8");  // as TOML is: "config show" can be read back
  if (auto fault = fault_of(text, rule)) return refuse(std::move(*fault));
  if (rule != TextRule::kAbsolutePath && rule != TextRule::kSocketPath) return {};
  if (!text.starts_with('/'))
    return refuse(fmt::format("must be an absolute path, not '{}'", printable(text)));
  const std::size_t most = sizeof(sockaddr_un::sun_path) - 1;
  if (rule == TextRule::kSocketPath && text.size() > most)
    return refuse(
        fmt::format("is {} bytes long; a socket's path has {} at most", text.size(), most));
  return {};
}

Checked check_range(const ConfigKey& key, double number) {
  if (key.zero_is_off && number == 0) return {};
  if (number >= key.least && number <= key.most) return {};
  return refuse(fmt::format("must be from {:.15g} to {:.15g}{}, not {:.15g}", key.least, key.most,
                            key.zero_is_off ? ", or 0 for off" : "", number));
}

Checked store(std::string& slot, const ConfigKey& key, const ConfigValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return wrong_type("a text", value);
  if (auto checked = check_text(*text, key.rule); !checked) return checked;
  slot = *text;
  return {};
}

Checked store(std::vector<std::string>& slot, const ConfigKey& key, const ConfigValue& value) {
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if (list == nullptr) return wrong_type("a list of texts", value);
  if (list->size() > kListMax)
    return refuse(fmt::format("has {} entries, {} at most", list->size(), kListMax));
  for (std::size_t i = 0; i < list->size(); ++i)
    if (auto checked = check_text((*list)[i], key.rule); !checked)
      return refuse(fmt::format("entry {} {}", i + 1, checked.error()));
  slot = *list;
  return {};
}

Checked store(bool& slot, const ConfigKey&, const ConfigValue& value) {
  const auto* flag = std::get_if<bool>(&value);
  if (flag == nullptr) return wrong_type("true or false", value);
  slot = *flag;
  return {};
}

Checked store(std::uint64_t& slot, const ConfigKey& key, const ConfigValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return wrong_type("a whole number", value);
  if (auto checked = check_range(key, static_cast<double>(*number)); !checked) return checked;
  const auto n = static_cast<std::uint64_t>(*number);
  if (key.power_of_two && !std::has_single_bit(n))
    return refuse(fmt::format("must be a power of two, not {} (next: {})", n, std::bit_ceil(n)));
  slot = n;
  return {};
}

Checked store(double& slot, const ConfigKey& key, const ConfigValue& value) {
  double number = 0;
  if (const auto* d = std::get_if<double>(&value)) {
    number = *d;
  } else if (const auto* n = std::get_if<std::int64_t>(&value)) {
    number = static_cast<double>(*n);
  } else {
    return wrong_type("a number", value);
  }
  if (auto checked = check_range(key, number); !checked) return checked;
  slot = number;
  return {};
}

template <typename Enum, std::size_t N>
Checked store_choice(Enum& slot, const std::array<std::string_view, N>& names,
                     const ConfigValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return wrong_type(fmt::format("one of {}", fmt::join(names, ", ")), value);
  const auto found = std::ranges::find(names, *text);
  if (found == names.end())
    return refuse(
        fmt::format("must be one of {}, not '{}'", fmt::join(names, ", "), printable(*text, 64)));
  slot = static_cast<Enum>(found - names.begin());
  return {};
}

Checked store(StdoutMode& slot, const ConfigKey&, const ConfigValue& value) {
  return store_choice(slot, kStdoutModes, value);
}

Checked store(FileFormat& slot, const ConfigKey&, const ConfigValue& value) {
  return store_choice(slot, kFileFormats, value);
}

Checked store(LogLevel& slot, const ConfigKey&, const ConfigValue& value) {
  return store_choice(slot, kLogLevels, value);
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string text_of(const std::string& v) {
  return in_quotes(v);
}
std::string text_of(bool v) {
  return v ? "true" : "false";
}
std::string text_of(std::uint64_t v) {
  return fmt::format("{}", v);
}
std::string text_of(double v) {
  return fmt::format("{}", v);
}  // a whole number is fine for TOML
std::string text_of(StdoutMode v) {
  return in_quotes(to_string(v));
}
std::string text_of(FileFormat v) {
  return in_quotes(to_string(v));
}
std::string text_of(LogLevel v) {
  return in_quotes(to_string(v));
}
std::string text_of(const std::vector<std::string>& v) {
  std::vector<std::string> parts;
  for (const auto& entry : v) parts.push_back(in_quotes(entry));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

// Levenshtein distance with neighbour swaps counted as one (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

std::string_view last_part(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

std::string_view to_string(StdoutMode mode) {
  return kStdoutModes[static_cast<std::size_t>(mode)];
}

std::string_view to_string(FileFormat format) {
  return kFileFormats[static_cast<std::size_t>(format)];
}

std::string_view to_string(LogLevel level) {
  return kLogLevels[static_cast<std::size_t>(level)];
}

std::span<const ConfigKey> config_keys() {
  return kKeys;
}

const ConfigKey* find_config_key(std::string_view name) {
  const auto* found = std::ranges::find(kKeys, name, &ConfigKey::name);
  return found == std::end(kKeys) ? nullptr : found;
}

bool is_config_section(std::string_view name) {
  return std::ranges::any_of(kKeys, [&](const ConfigKey& key) {
    return key.name.size() > name.size() && key.name.starts_with(name) &&
           key.name[name.size()] == '.';
  });
}

std::expected<void, std::string> set_config_value(Config& config, const ConfigKey& key,
                                                  const ConfigValue& value) {
  return std::visit([&](auto* slot) { return store(*slot, key, value); }, key.slot(config));
}

std::string config_value_text(const Config& config, const ConfigKey& key) {
  Config copy = config;  // slots point into a Config that may be changed
  return std::visit([](const auto* slot) { return text_of(*slot); }, key.slot(copy));
}

std::string nearest_config_name(std::string_view wrong) {
  constexpr std::size_t kNameBytesMax = 64;  // nothing of ours is near a longer name
  if (wrong.empty() || wrong.size() > kNameBytesMax) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, wrong.size() / 4) + 1;
  const auto offer = [&](std::string_view name, std::size_t distance) {
    if (distance >= best_distance) return;
    best_distance = distance;
    best = name;
  };
  for (const ConfigKey& key : kKeys) {
    offer(key.name, edit_distance(wrong, key.name));
    // The right word in the wrong section.
    if (last_part(wrong) == last_part(key.name)) offer(key.name, 2);
    for (auto dot = key.name.find('.'); dot != std::string_view::npos;
         dot = key.name.find('.', dot + 1))
      offer(key.name.substr(0, dot), edit_distance(wrong, key.name.substr(0, dot)));
  }
  return best;
}

}  // namespace tocsin
