// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/config.hpp"
#include "daemon/config_keys.hpp"

// Any text as a configuration file and as an option: no crash, and what was accepted can be
// described and read back to the same values.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  tocsin::ConfigLoad load;
  tocsin::apply_config_text(text, "fuzz.toml", load);
  tocsin::apply_config_override(text, load);
  for (const auto& fault : load.faults) (void)fault.to_string();

  std::string described;
  for (const auto& line : tocsin::describe(load.config))
    described += line.key + " = " + line.value + "\n";
  tocsin::ConfigLoad again;
  tocsin::apply_config_text(described, "again.toml", again);
  if (!again.ok()) std::abort();
  for (const tocsin::ConfigKey& key : tocsin::config_keys())
    if (tocsin::config_value_text(load.config, key) != tocsin::config_value_text(again.config, key))
      std::abort();
  return 0;
}
