// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
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

// What is there now, oldest first, and some of what comes meanwhile: a subject of which the stream
// keeps one message may be visited again, none that has one is passed over. Any thread; blocks, for
// at_most between two messages. False from visit: enough.
Result<void> read_all(Connection& connection, const ReadFrom& from,
                      const std::function<bool(Message)>& visit,
                      Milliseconds at_most = Milliseconds(10'000));

// What a reader could not give.
struct StreamBreak {
  // So many sequences, from where it was to read on, are not kept any more.
  std::uint64_t lost = 0;
  // The stream was made anew or lost its end, and is read from its first message: sequences begin
  // again, and what had not been read is gone.
  bool begins_anew = false;
};

// What is there and then what comes, in the order of the stream, each at least once; over lost
// connections and elections it goes on behind the last. on_message and on_break run on the loop; a
// loop that is behind holds up the reading, so at most kReadAheadMax messages wait, of
// kReadAheadBytesMax together.
class StreamReader {
 public:
  static Result<std::unique_ptr<StreamReader>> start(
      Connection& connection, ReadFrom from, std::move_only_function<void(Message)> on_message,
      std::move_only_function<void(const StreamBreak&)> on_break = {});
  ~StreamReader();
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  // When the broker last showed that nothing is kept from us, boot clock; 0: never yet. Several
  // seconds old: what is in the stream cannot be read.
  [[nodiscard]] BootNs sound_ns() const;
  // What the stream had when reading began, or began again after an interruption, has been handed
  // over.
  [[nodiscard]] bool caught_up() const;
  // Of messages that are on their way to the loop.
  [[nodiscard]] std::size_t waiting_bytes() const;

 private:
  struct State;
  explicit StreamReader(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::fleet
