// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tocsin::relay {

// What is known about a feed from fetch to fetch. Times are Unix nanoseconds, 0: never.
struct FeedState {
  std::string state = "pending";  // pending, ok, held, failed
  std::string message;            // why, for people
  std::string url;  // whose facts these are (address_mark()): another address starts afresh
  std::string etag, last_modified;
  std::string digest;                     // SHA-256 of the accepted content
  std::optional<std::uint64_t> sequence;  // of the accepted content
  std::uint64_t indicators = 0, review = 0, refused = 0;
  std::uint64_t failures = 0;  // in a row
  WallNs last_try_ns = 0, last_ok_ns = 0, next_try_ns = 0;
  WallNs taken_ns = 0;  // when the content was imported last
};
using FeedStates = std::map<std::string, FeedState, std::less<>>;  // by the feed's name

nlohmann::json to_json(const std::string& name, const FeedState& state);

// The file that survives restarts: without it a replayed old version would pass for new. A file
// that is not there is empty; one that cannot be read is an error, never silently empty.
Result<FeedStates> load_feed_states(const std::string& file);
Result<void> save_feed_states(const std::string& file, const FeedStates& states);

}  // namespace tocsin::relay
