// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/response_commands.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "control/arguments.hpp"

namespace tocsin::control {
namespace {

using nlohmann::json;

constexpr double kSecondsMost = 1e9;  // far beyond what the daemon takes; keeps the product exact

Result<Answer> isolate(Backend& backend, CommandInput& input) {
  IsolateRequest request;
  TOCSIN_TRY(request.allow, texts_argument(input.arguments, "allow"));
  TOCSIN_TRY(request.cgroup, text_argument(input.arguments, "cgroup"));
  TOCSIN_TRY(request.keep, bool_argument(input.arguments, "keep"));
  const auto seconds = input.arguments.find("for");
  if (seconds == input.arguments.end() || !seconds->is_number() || !(*seconds > 0.0) ||
      !(*seconds <= kSecondsMost))
    return bad_argument("for", "a number of seconds is expected");
  request.for_ns = static_cast<std::int64_t>(seconds->get<double>() * 1e9);
  TOCSIN_TRY(const json item, backend.isolate(request));
  return one_item(item);
}

Result<Answer> release(Backend& backend, CommandInput&) {
  TOCSIN_TRY(const json item, backend.release());
  return one_item(item);
}

constexpr std::array kResponseCommands = {
    Command{"isolate", Access::kChange, isolate},
    Command{"release", Access::kChange, release},
};

}  // namespace

const Command* find_response_command(std::string_view name) {
  const auto* it = std::ranges::find(kResponseCommands, name, &Command::name);
  return it != kResponseCommands.end() ? it : nullptr;
}

}  // namespace tocsin::control
