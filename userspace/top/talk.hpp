// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "control/client.hpp"

namespace tocsin::top {

// One conversation with the daemon that is driven by a loop and never waits, but for opening: at
// most kOpenWait. The loop's thread only.
class Talk {
 public:
  static constexpr control::Client::Milliseconds kOpenWait{500};

  struct Handlers {
    std::function<void(const control::Client::Item& item)> on_item;
    // The answer is complete, or the daemon said no to this question.
    std::function<void(const std::optional<Error>& refused)> on_end;
    // The connection is gone; called from the loop, and the talk is closed already.
    std::function<void(const Error& error)> on_gone;
  };

  Result<void> open(EventLoop& loop, const std::string& socket, Handlers handlers);
  void close();
  [[nodiscard]] bool is_open() const { return client_.has_value(); }
  // A question was asked and its answer has no end yet.
  [[nodiscard]] bool busy() const { return busy_; }
  Result<void> ask(const std::string& command, const nlohmann::json& arguments);

 private:
  void take();
  void give_up(const Error& error);

  std::optional<control::Client> client_;
  EventLoop::Source readable_, more_;
  Handlers handlers_;
  bool busy_ = false;
};

}  // namespace tocsin::top
