// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/config.hpp"

namespace tocsin {

// A value as it stands in a file or an option, free of any parser's types.
struct ConfigOther {
  std::string type_name;  // "a date", "a section", …: nothing takes it
};
using ConfigValue =
    std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>, ConfigOther>;

// Where a key's value lives in Config, by its type.
using ConfigSlot = std::variant<std::string*, std::vector<std::string>*, bool*, std::uint64_t*,
                                double*, StdoutMode*, FileFormat*, LogLevel*>;

enum class TextRule : std::uint8_t {
  kAny,
  kAbsolutePath,
  kSocketPath,    // an absolute path that fits sockaddr_un
  kBeaconWeight,  // group.evidence=weight
  kBeaconAllow,   // see AllowEntry
  kHookName,      // of an event, a hook or a program of capture/hook_table.hpp
  kSetResponse,   // the texts of respond/response_policy.hpp
  kSeverityResponse,
  kResponseAllow,
  kNetwork,  // an address or a block
};

// One key: name, place and what it accepts.
struct ConfigKey {
  std::string_view name;
  ConfigSlot (*slot)(Config&);
  TextRule rule = TextRule::kAny;
  double least = 0, most = 0;  // numbers, both included
  bool zero_is_off = false;    // 0 is allowed below least
  bool power_of_two = false;
};

// All keys in the order of the documentation.
std::span<const ConfigKey> config_keys();
const ConfigKey* find_config_key(std::string_view name);
// True when some key lies below "name.".
bool is_config_section(std::string_view name);

// Checks value and stores it, or says why not ("must be one of off, human, json, not 'loud'").
std::expected<void, std::string> set_config_value(Config& config, const ConfigKey& key,
                                                  const ConfigValue& value);
// The value now, as TOML.
std::string config_value_text(const Config& config, const ConfigKey& key);

// The known key or section nearest to a wrong name, or empty.
std::string nearest_config_name(std::string_view wrong);

}  // namespace tocsin
