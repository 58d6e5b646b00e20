// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "relay/secret.hpp"
#include "relay/webhook_config.hpp"
#include "relay/webhook_limits.hpp"

// Any text as webhooks.toml: no crash, and what was taken keeps the rules that the rest relies on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin::relay;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto load = parse_webhooks(text, "fuzz.toml");
  for (const auto& fault : load.faults) (void)fault.to_string();
  if (load.webhooks.size() > tocsin::limits::kWebhooksMax) std::abort();
  for (const auto& webhook : load.webhooks) {
    const bool good = !webhook.name.empty() && webhook.url.empty() != webhook.url_file.empty() &&
                      (webhook.url.empty() || check_webhook_url(webhook.url)) &&
                      webhook.per_minute > 0 && webhook.timeout_s > 0;
    if (!good) std::abort();
  }
  // Nothing behind the host is shown.
  const auto shown = shown_url(text);
  if (check_webhook_url(text) && shown.find('?') != std::string::npos) std::abort();
  // Nor a query, where the path is; the "?" itself tells that there is one.
  const auto told = public_url(text);
  const auto query = told.find('?');
  if (check_webhook_url(text) && query != std::string::npos && told.substr(query) != "?…")
    std::abort();
  return 0;
}
