// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "event/event.hpp"
#include "event/login_session.hpp"
#include "hash/hash_result.hpp"

namespace tocsin {

// The event JSON lines of the command line contract: one object a line, times in Unix seconds with
// fraction, unknown members ignored, a missing member unknown.

// Longest line read_event_json takes; longer is an error.
inline constexpr std::size_t kEventLineBytesMax = 1024 * 1024;

// What the later stages add to an event before it is shown.
struct EventExtras {
  WallNs boot_epoch_ns = 0;  // start times become wall times by it
  std::string container = {};
  std::string container_name = {}, container_image = {};  // as far as known by now
  std::optional<LoginSession> session = {};               // exec: the login it belongs to
  const HashResult* hash = nullptr;                       // of the executed file, the library
  const HashResult* script_hash = nullptr;                // exec: of the script
};

// "exec", "connect", … as the contract names them. "connect-result", "cgroup" and
// "packet" are inner kinds: what they tell stands on the lines of other events.
const char* kind_name(const Event& event);

// One line without a newline. Always valid JSON, whatever bytes the event holds.
std::string to_json(const Event& event, const EventExtras& extras);

// Never throws; the error names the member.
Result<Event> read_event_json(std::string_view line);

const char* to_string(ConnectResult result);
const char* to_string(Stdio stdio);

}  // namespace tocsin
