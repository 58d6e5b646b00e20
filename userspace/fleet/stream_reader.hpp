// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fleet/connection.hpp"
#include "fleet/subjects.hpp"

struct __natsSubscription;
struct __jsCtx;

namespace tocsin::fleet {

// Reads a stream in its order, as fast as it is asked to: who floods it can make others wait in no
// queue of ours. Any one thread; calls block. Only operators may.
class StreamReader {
 public:
  struct From {
    std::string stream, subject;
    WallNs since_ns = 0;    // when the broker stored it; 0: all there is
    bool only_new = false;  // what is stored from now on
  };
  static Result<StreamReader> open(Connection& connection, From from);

  // What there is, at most so many, waiting for the first of it; none in time: empty. A reader
  // whose place the broker forgot (it was restarted) goes on after the last message read.
  Result<std::vector<Message>> read(std::size_t most, Milliseconds wait);

 private:
  StreamReader(Connection& connection, From from)
      : connection_(&connection), from_(std::move(from)) {}
  Result<void> subscribe();

  Connection* connection_;
  From from_;
  std::uint64_t last_sequence_ = 0;
  std::unique_ptr<__jsCtx, void (*)(__jsCtx*)> context_{nullptr, nullptr};
  std::unique_ptr<__natsSubscription, void (*)(__natsSubscription*)> subscription_{nullptr,
                                                                                   nullptr};
};

// Every host whose last beat is kept, and when the broker stored it.
Result<std::map<std::string, WallNs>> known_hosts(Connection& connection, const Subjects& subjects);

// Publishes and waits until the stream has it. kIo: no stream took it in time; kInternal, kLimit:
// it refused.
Result<void> store(Connection& connection, const std::string& subject, std::string_view data);

}  // namespace tocsin::fleet
