// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "history/hunt_value.hpp"
#include "signature/ed25519.hpp"

namespace tocsin::fleet {

// A question to every host of a site. On the wire: docs/fleet-hunt.md.
struct HuntQuestion {
  std::string id;                        // a ULID in lower case: 26 characters, the time first
  std::string site;                      // whose hosts may answer
  WallNs issued_ns = 0, expires_ns = 0;  // whole seconds
  std::int64_t wait_s = 0;               // how long the asker looks on; later answers are late
  std::optional<WallNs> since_ns;        // whole seconds
  std::vector<HuntValue> values;         // 1 to kHuntValuesMax
};

struct SignedQuestion {
  HuntQuestion question;
  Ed25519Public key{};  // by which it is signed
};

// A new id, different from all others.
std::string new_hunt_id(WallNs now_ns);
// When an id was made, to the millisecond; nullopt: it is none.
std::optional<WallNs> hunt_id_time(std::string_view id);

// The bytes to send. kLimit when the question is too long.
Result<std::string> sign_question(const HuntQuestion& question, const Ed25519Key& key);

// Looks at nothing but the signature before it fits. kPermission: signed by none of these keys, or
// not at all; kInvalidInput, kLimit: the signer made no proper question.
Result<SignedQuestion> read_question(std::string_view bytes, std::span<const Ed25519Public> keys);

// Who asked and what, for people, without a look at the signature.
Result<SignedQuestion> read_unverified_question(std::string_view bytes);

}  // namespace tocsin::fleet
