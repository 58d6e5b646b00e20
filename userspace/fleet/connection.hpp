// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_loop.hpp"
#include "base/result.hpp"

// The C library's types, so that only the .cpp files here include it.
struct __natsConnection;

namespace tocsin::fleet {

using Milliseconds = std::chrono::milliseconds;

// Contents of PEM files, never their paths: they may come from systemd credentials.
struct TlsFiles {
  std::string certificate, key, ca;
};

struct ConnectionOptions {
  std::vector<std::string> servers;  // "host", "host:port", "nats://host:port"; port 4222 otherwise
  std::string user;                  // of the certificate; names connection and inbox
  TlsFiles tls;
  // Wait so long for the first connection; none: open() returns at once and it comes when it comes.
  std::optional<Milliseconds> wait = {};
};

struct Message {
  std::string subject;
  std::string data;             // at most kFleetMessageBytesMax
  std::string reply = {};       // where an answer is expected; empty: nowhere
  std::uint64_t sequence = 0;   // of a stored message, as far as it came with one
  std::uint64_t delivered = 0;  // number among what its consumer was sent, from 1; 0: no consumer
  std::int64_t stored_ns = 0;   // when the stream took it, wall clock; 0: unknown
  std::string id = {};          // the header Nats-Msg-Id
};

// Ends with its destruction; no message is delivered after that.
class Subscription {
 public:
  struct State;
  Subscription();
  explicit Subscription(std::shared_ptr<State> state);
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();
  // Messages that did not fit and were lost since the start.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  std::shared_ptr<State> state_;
};

// One connection to the broker, kept up for ever: it reconnects on its own, with jitter, to
// whichever server answers. Created and destroyed on the loop's thread, where all callbacks run,
// too. Calls marked "any thread" block for their timeout at most: on the loop they belong on a
// Worker.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(EventLoop& loop, ConnectionOptions options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Told on the loop whenever the connection comes (true) and goes. One listener; called for a
  // connection that is there already, too.
  void on_change(std::move_only_function<void(bool connected)> listener);
  [[nodiscard]] bool connected() const;  // any thread
  // The broker refused us twice for the same reason, and the library does not try again.
  [[nodiscard]] bool gave_up() const;            // any thread
  [[nodiscard]] std::string server() const;      // "nats://…" connected to, or empty; any thread
  [[nodiscard]] std::string last_error() const;  // of the last attempt, for people; any thread
  // What the broker refused to take or to give ("permissions violation"), so far. Any thread.
  [[nodiscard]] std::uint64_t refusals() const;

  // Fire and forget. Any thread; kIo while there is no connection.
  Result<void> publish(const std::string& subject, std::string_view data);
  // on_message runs on the loop. Subscriptions outlive a lost connection. At most kFleetInboxMax
  // messages wait; a subject that the broker does not let us read delivers nothing and is logged.
  Result<Subscription> subscribe(const std::string& subject,
                                 std::move_only_function<void(Message)> on_message);
  // One request, one answer. Any thread. kNotFound: nobody listens there; kIo: no answer in time.
  Result<Message> request(const std::string& subject, std::string_view data, Milliseconds timeout);
  // Straight from a stream that allows it. Any thread. kNotFound: there is none.
  Result<Message> last_of(const std::string& stream, const std::string& subject,
                          Milliseconds timeout);
  // The first at or after sequence whose subject fits (wildcards allowed).
  Result<Message> next_of(const std::string& stream, std::uint64_t sequence,
                          const std::string& subject, Milliseconds timeout);
  // Until everything published has reached the server. Any thread.
  Result<void> flush(Milliseconds timeout);

  // For the other files of this folder that speak to the library: its object, and a way from its
  // threads onto the loop. What is posted after the connection's end is dropped.
  [[nodiscard]] __natsConnection* handle() const;
  // Lives until the library calls nothing of this connection any more.
  void keep(std::shared_ptr<void> what);
  using Post = std::function<void(std::move_only_function<void()>)>;
  [[nodiscard]] Post post() const;

 private:
  struct Impl;
  explicit Connection(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tocsin::fleet
