// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstdint>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "event/event_json.hpp"

// Whatever line is accepted must render to valid JSON that is accepted again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto event = tocsin::read_event_json(line);
  if (!event) return 0;
  const auto again = tocsin::to_json(*event, {});
  if (!nlohmann::json::accept(again) || !tocsin::read_event_json(again)) std::abort();
  return 0;
}
