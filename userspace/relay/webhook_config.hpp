// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "indicators/indicator.hpp"
#include "relay/list_fault.hpp"

namespace tocsin::relay {

enum class WebhookForm : std::uint8_t {
  kEcs,   // the alert's JSON line as the file sink has it
  kText,  // {"text":"…"}: a few words for a chat, as Slack and Mattermost take them
};

// One [[webhook]] of webhooks.toml; man tocsin-relay explains each key. A *_file is an absolute
// path or the name of a systemd credential: no secret stands in the configuration.
struct WebhookConfig {
  std::string name;
  std::string url;       // https, or http to this host; empty: in url_file
  std::string url_file;  // for services whose address is the secret
  WebhookForm form = WebhookForm::kEcs;
  Severity least = Severity::kInfo;  // quieter alerts are not sent
  std::string token_file;            // sent as "Authorization: Bearer …"
  std::string hmac_file;             // signs each request
  std::string ca_file;               // empty: the system's
  std::uint64_t timeout_s = 10;      // for one request
  std::uint64_t per_minute = 0;      // requests at most; 0 while read: the form's default
  // Two that are equal are the same receiver.
  friend bool operator==(const WebhookConfig&, const WebhookConfig&) = default;
};

struct WebhooksLoad {
  std::vector<WebhookConfig> webhooks;
  std::vector<ListFault> faults;  // a webhook with one is not in webhooks
};

WebhooksLoad parse_webhooks(std::string_view text, const std::string& file);
// A file that is not there holds none; one that cannot be read is a fault.
WebhooksLoad load_webhooks(const std::string& file);

// An address that alerts may go to; why not, for people. https anywhere, http only to this host.
Result<void> check_webhook_url(std::string_view url);

}  // namespace tocsin::relay
