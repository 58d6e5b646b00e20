// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fleet/connection.hpp"

namespace tocsin::fleet {

// Where reading begins: at a sequence of the stream, at a time, or else at its first message.
struct ReadFrom {
  std::string stream;
  std::string subject;  // only what fits it
  std::optional<std::uint64_t> sequence = {};
  std::optional<WallNs> since_ns = {};
};

// What is there now, oldest first. Any thread; blocks, for at_most between two messages. False from
// visit: enough.
Result<void> read_all(Connection& connection, const ReadFrom& from,
                      const std::function<bool(Message)>& visit,
                      Milliseconds at_most = Milliseconds(10'000));

// What is there and then what comes, in the order of the stream, each at least once; over lost
// connections and elections it goes on behind the last. on_message runs on the loop; a loop that is
// behind holds up the reading, so at most kReadAheadMax messages wait.
class StreamReader {
 public:
  static Result<std::unique_ptr<StreamReader>> start(
      Connection& connection, ReadFrom from, std::move_only_function<void(Message)> on_message);
  ~StreamReader();
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  // When the broker last showed that nothing is kept from us, boot clock; 0: never yet. Several
  // seconds old: what is in the stream cannot be read.
  [[nodiscard]] BootNs sound_ns() const;
  // What the stream had when reading began, or began again after an interruption, has been handed
  // over.
  [[nodiscard]] bool caught_up() const;

 private:
  struct State;
  explicit StreamReader(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::fleet
