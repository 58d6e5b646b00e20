// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <istream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "event/event.hpp"

namespace tocsin {

// Event JSON lines, read and parsed ahead on a thread of its own: parsing is half of what a replay
// costs. The results come in the order of the lines. Used by one thread; the stream must outlive
// it.
class ParsedLines {
 public:
  struct Line {
    std::uint64_t number;  // in the file, from 1
    Result<Event> event;
  };
  using Batch = std::vector<Line>;

  explicit ParsedLines(std::istream& in);
  ~ParsedLines();
  ParsedLines(const ParsedLines&) = delete;
  ParsedLines& operator=(const ParsedLines&) = delete;

  // The next lines, empty ones and comments ("# …") left out; empty at the end of the stream.
  Batch next();
  // Of the stream, up to the end of what next() gave last.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct Ready {
    Batch lines;
    std::uint64_t bytes;
  };
  void parse(const std::stop_token& stop, std::istream& in);
  void put(const std::stop_token& stop, Ready ready);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Ready> ready_;
  std::uint64_t bytes_ = 0;  // the reader's
  bool ended_ = false;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace tocsin
