// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relay/spool.hpp"
#include "relay/webhook_config.hpp"

namespace tocsin::relay {

struct WebhookPayload {
  std::string body;                  // JSON
  std::vector<std::string> headers;  // with the alert's id, by which a receiver folds repeats
};

// What is sent for an alert. Any text may be in it: a path, a command line and a host name are the
// attacker's.
WebhookPayload webhook_payload(const SpooledAlert& alert, WebhookForm form);

// The words of the chat form, at most limits::kChatTextBytesMax: everything that came from the host
// stands in a code span, with the signs that would end it, call somebody or make a link taken out,
// and addresses and names written so that nobody follows them.
std::string chat_text(std::string_view alert_json);

// "X-Tocsin-Timestamp: T" and "X-Tocsin-Signature: sha256=HEX": HMAC-SHA-256 with the key over
// "T.BODY". T is Unix seconds; a receiver that looks at it refuses old requests.
std::vector<std::string> signature_headers(std::string_view key, std::string_view body,
                                           std::int64_t unix_s);

}  // namespace tocsin::relay
