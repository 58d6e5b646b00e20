// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "control/backend.hpp"
#include "control/later.hpp"
#include "control/peer.hpp"

namespace tocsin::control {

// What a command gives the connection to send. Items first; then, with follow, what is published.
struct Answer {
  ItemSource items;
  bool follow = false;
  EventKindMask events = 0;              // follow: these kinds
  std::optional<Severity> alerts_from;   // follow: alerts at least this loud
  std::unique_ptr<Recording> recording;  // runs until the client ends it
  bool relay = false;                    // follow: orders for the relay; the client is the relay
  Later later;                           // expected: the one item, or the error, comes when ready
};

Answer answer_of(std::vector<std::string> items);
Answer one_item(const nlohmann::json& item);
// begin(Done), or begin(Done, wanted), begins what ends with one item.
template <typename Begin>
Answer later(Begin begin) {
  Answer answer;
  auto [expected, done] = Later::make();
  auto wanted = expected.wanted();
  answer.later = std::move(expected);
  if constexpr (std::invocable<Begin&, Done, std::function<bool()>>) {
    begin(std::move(done), std::move(wanted));
  } else {
    begin(std::move(done));
  }
  return answer;
}

struct CommandInput {
  const nlohmann::json& arguments;  // an object
  Fd passed;                        // a descriptor that came with the request, if any
  Access access = Access::kRead;    // of the client, at least what the command needs
};

struct Command {
  std::string_view name;
  Access needs;
  Result<Answer> (*run)(Backend& backend, CommandInput& input);
};

// Null when there is none of that name. A new command is one row in commands.cpp.
const Command* find_command(std::string_view name);

}  // namespace tocsin::control
