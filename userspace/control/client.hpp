// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "control/protocol.hpp"

namespace tocsin::control {

// The blocking end of the control socket, for the command line and for tests. One thread.
class Client {
 public:
  using Milliseconds = std::chrono::milliseconds;
  // Longer than any answer takes; a daemon that needs more is not well.
  static constexpr Milliseconds kAnswerTimeout{10'000};
  // For commands after which millions of indicators are read and compiled.
  static constexpr Milliseconds kChangeTimeout{180'000};

  // Connects and reads the greeting. The codes differ on purpose: kNotFound when nobody listens on
  // path, kIo when somebody does but does not speak in time, kPermission and kLimit when the daemon
  // (or the file system) refuses this user.
  static Result<Client> connect(const std::string& path, Milliseconds timeout = kAnswerTimeout);

  // descriptor, when not negative, goes with the request; the caller keeps it.
  Result<void> request(const std::string& command,
                       const nlohmann::json& arguments = nlohmann::json::object(),
                       int descriptor = -1);

  struct Item {
    std::string json;        // text of one item
    std::uint64_t lost = 0;  // not 0: no item, but so many events did not come
  };
  // The next item of the answer, nullopt at its end; a daemon's error as it was sent. Without a
  // timeout it waits for ever (streams); a signal ends such a wait with kIo.
  Result<std::optional<Item>> next(std::optional<Milliseconds> timeout = kAnswerTimeout);

  // The same for a caller that polls socket_fd(): never waits.
  enum class Came : std::uint8_t { kNothing, kItem, kEnd };
  struct Now {
    Came came = Came::kNothing;  // kNothing: everything that the socket had was taken
    Item item;                   // kItem
  };
  Result<Now> next_now();

  // A command with exactly one item.
  Result<nlohmann::json> ask(const std::string& command,
                             const nlohmann::json& arguments = nlohmann::json::object(),
                             Milliseconds timeout = kAnswerTimeout);

  // Something of the answer has been read from the socket already: next() before waiting for it.
  [[nodiscard]] bool has_buffered() const { return reader_.buffered_bytes() > 0; }

  // Tells the daemon that no more requests come: ends a recording.
  void end_requests();

  // After an error: the daemon went away or stopped answering, as opposed to said no.
  [[nodiscard]] bool lost_connection() const { return lost_connection_; }
  [[nodiscard]] bool may_change() const { return may_change_; }
  [[nodiscard]] const std::string& server_version() const { return server_version_; }
  [[nodiscard]] int socket_fd() const { return socket_.get(); }

 private:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;
  explicit Client(Fd socket_fd);
  Result<void> read_greeting(Deadline deadline);
  Result<Reply> read_reply(Deadline deadline);
  // A reply of which everything has come; nullopt: none yet. Takes what the socket has.
  Result<std::optional<Reply>> reply_now();
  // What a reply to the last request is: nullopt when it is to another.
  Result<std::optional<Now>> understood(Reply reply) const;
  std::unexpected<Error> closed_by_daemon();
  Result<void> wait(short poll_events, Deadline deadline);
  Result<void> send_all(std::string_view bytes, int descriptor, Deadline deadline);

  Fd socket_;
  FrameReader reader_;
  std::uint64_t last_id_ = 0;
  bool lost_connection_ = false;
  bool may_change_ = false;
  std::string server_version_;
};

}  // namespace tocsin::control
