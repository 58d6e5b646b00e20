// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "indicators/guard.hpp"
#include "indicators/warninglists.hpp"
#include "relay/feed_config.hpp"
#include "relay/feed_state.hpp"
#include "relay/fetch.hpp"

namespace tocsin::relay {

// One fetch of one feed, from the address to the daemon. Any thread.
class FeedUpdate {
 public:
  // Hands a native set to the daemon; its answer. A seam for tests that have no daemon.
  using Import = std::function<Result<nlohmann::json>(const std::string& set,
                                                      std::string_view native, bool may_shrink)>;
  struct Parts {
    const Clock& clock;
    const Guard& guard;
    const Warninglists& lists;
    Import import;
    const std::atomic<bool>* stop = nullptr;
    long stalled_s = 30;  // see FetchRequest
  };
  explicit FeedUpdate(Parts parts) : parts_(std::move(parts)) {}

  // What became of it. Nothing of before is lost when it fails: the accepted version, its sequence
  // number and its digest stay.
  FeedState run(const FeedConfig& feed, FeedState before, bool accept_shrunk) const;

 private:
  struct Taken;
  [[nodiscard]] Result<FetchRequest> request_for(const FeedConfig& feed) const;
  Result<Taken> take(const FeedConfig& feed, const FeedState& before, bool accept_shrunk) const;
  [[nodiscard]] bool must_renew(const FeedConfig& feed, const FeedState& before) const;
  Result<void> check_signature(const FeedConfig& feed, const FeedState& before,
                               std::string_view content, Taken& taken) const;
  Result<std::string> convert(const FeedConfig& feed, const Taken& taken) const;

  Parts parts_;
};

// The feed's address as lists, logs and alerts may tell it: without what may be a secret.
std::string told_address(const FeedConfig& feed);
// The same address or not, without the secret in it: what FeedState::url holds.
std::string address_mark(const FeedConfig& feed);

// When to try next: the interval after success, else 1, 2, 4, … minutes but at most the interval;
// jitter from 0 to 1 moves it by up to a tenth either way.
WallNs next_try(const FeedConfig& feed, const FeedState& state, WallNs now, double jitter);

}  // namespace tocsin::relay
