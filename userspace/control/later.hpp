// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace tocsin::control {

// What a command calls once when it is done, at once or much later, on the loop's thread. It may
// outlive the client: then nobody hears it.
using Done = std::move_only_function<void(Result<nlohmann::json>)>;

// The client's end of an answer that is not there yet.
class Later {
 public:
  Later() = default;
  Later(Later&&) noexcept = default;
  Later& operator=(Later&& other) noexcept {
    forget();
    state_ = std::move(other.state_);
    return *this;
  }
  Later(const Later&) = delete;
  Later& operator=(const Later&) = delete;
  ~Later() { forget(); }

  static std::pair<Later, Done> make() {
    Later later;
    later.state_ = std::make_shared<State>();
    return {std::move(later), [state = later.state_](Result<nlohmann::json> result) {
              state->result = std::move(result);
              if (state->wake) std::exchange(state->wake, nullptr)();
            }};
  }

  [[nodiscard]] bool expected() const { return state_ != nullptr; }
  [[nodiscard]] bool ready() const { return state_ != nullptr && state_->result.has_value(); }
  // Only when ready, once.
  Result<nlohmann::json> take() { return std::move(*std::exchange(state_, nullptr)->result); }
  void on_ready(std::move_only_function<void()> wake) { state_->wake = std::move(wake); }
  // Whether somebody still waits, for who has much to do for an answer. Loop's thread only.
  [[nodiscard]] std::function<bool()> wanted() const {
    return [state = state_] { return !state->forgotten; };
  }

 private:
  struct State {
    std::optional<Result<nlohmann::json>> result;
    std::move_only_function<void()> wake;
    bool forgotten = false;
  };
  void forget() {
    if (!state_) return;
    state_->wake = nullptr;
    state_->forgotten = true;
  }
  std::shared_ptr<State> state_;
};

}  // namespace tocsin::control
