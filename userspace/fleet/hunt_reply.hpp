// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace tocsin::fleet {

// What a host says of itself with each reply.
struct ReplyHead {
  std::string hunt;
  std::string host;     // for people who look at the stream; the subject is what counts
  std::string version;  // of the agent
};

// The answer of the daemon (docs/control-protocol.md, `hunt`) as one message of at most
// kReplyBytesMax: single events and sightings go first, then hits, each counted; of what was not
// seen only what is more than that.
std::string make_reply(const ReplyHead& head, const nlohmann::json& answer);
// That there is no answer, and why, in a sentence.
std::string make_refusal(const ReplyHead& head, std::string_view why);

// A reply as it was read back: from a host that may lie.
struct HuntReply {
  std::string hunt;
  std::string version;
  std::string refused;  // why there is no answer; empty: there is
  std::uint64_t asked = 0, seen = 0, not_seen = 0, not_kept = 0, cannot_know = 0;
  std::uint64_t hits_left_out = 0;
  nlohmann::json hits = nlohmann::json::array();     // objects with "type" and "value"
  nlohmann::json reasons = nlohmann::json::array();  // {"verdict","why","count","values":[…]}
  nlohmann::json coverage = nlohmann::json::object();

  // kInvalidInput when it is none, kLimit when it is too long.
  static Result<HuntReply> parse(std::string_view bytes);
};

}  // namespace tocsin::fleet
