// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/hunt_request.hpp"

#include <utility>

#include "base/limits.hpp"
#include "history/history_limits.hpp"

namespace tocsin::control {
namespace {

using nlohmann::json;

// Of the values of one request; the rest of the frame has room in what is left to its limit.
constexpr std::size_t kRequestValueBytesMax = limits::kControlRequestBytesMax - 4096;
// Of one value beside its own bytes, when each of them is escaped at most.
constexpr std::size_t kValueOverheadBytes = 64;

std::size_t request_bytes(const HuntValue& value) {
  return kValueOverheadBytes + 2 * value.text.size();
}

json request_value(const HuntValue& value) {
  json out = {{"type", to_string(value.type)}, {"value", value.text}};
  if (value.exact) out["exact"] = true;
  return out;
}

}  // namespace

std::vector<HuntRequestPart> hunt_requests(const std::vector<HuntValue>& values,
                                           std::optional<WallNs> since_ns) {
  json head = {{"occurrences", values.size() <= limits::kHuntOccurringMax},
               {"values", json::array()}};
  if (since_ns) head["since"] = static_cast<double>(*since_ns) / 1e9;
  std::vector<HuntRequestPart> out;
  std::size_t bytes = 0;
  for (const auto& value : values) {
    const auto more = request_bytes(value);
    if (out.empty() || out.back().values == limits::kHuntValuesMax ||
        bytes + more > kRequestValueBytesMax) {
      out.push_back({head, 0});
      bytes = 0;
    }
    bytes += more;
    ++out.back().values;
    out.back().arguments["values"].push_back(request_value(value));
  }
  return out;
}

}  // namespace tocsin::control
