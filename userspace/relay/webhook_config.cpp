// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/webhook_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "relay/list_file.hpp"
#include "relay/secret.hpp"
#include "relay/webhook_limits.hpp"

namespace tocsin::relay {
namespace {

constexpr std::uint64_t kEcsPerMinute = 600, kTextPerMinute = 30, kPerMinuteMost = 60'000;
constexpr SpanRange kTimeouts = {.least = 1, .most = 120};

Wrong take_url(const toml::node& node, std::string& out) {
  if (auto wrong = take_text(node, out)) return wrong;
  if (const auto checked = check_webhook_url(out); !checked) return checked.error().message;
  return std::nullopt;
}

Wrong take_form(const toml::node& node, WebhookForm& out) {
  std::string text;
  if (auto wrong = take_text(node, text)) return wrong;
  if (text != "ecs" && text != "text") return "\"ecs\" or \"text\" is expected";
  out = text == "text" ? WebhookForm::kText : WebhookForm::kEcs;
  return std::nullopt;
}

Wrong take_rate(const toml::node& node, std::uint64_t& out) {
  const auto* number = node.as_integer();
  if (number == nullptr || number->get() < 1 ||
      number->get() > static_cast<std::int64_t>(kPerMinuteMost))
    return fmt::format("a whole number from 1 to {} is expected", kPerMinuteMost);
  out = static_cast<std::uint64_t>(number->get());
  return std::nullopt;
}

using Node = const toml::node&;
using Key = ListKey<WebhookConfig>;
constexpr std::array kKeys = {
    Key{"name", [](Node n, WebhookConfig& w) { return take_name(n, w.name); }},
    Key{"url", [](Node n, WebhookConfig& w) { return take_url(n, w.url); }},
    Key{"url_file", [](Node n, WebhookConfig& w) { return take_secret_file(n, w.url_file); }},
    Key{"format", [](Node n, WebhookConfig& w) { return take_form(n, w.form); }},
    Key{"severity", [](Node n, WebhookConfig& w) { return take_severity(n, w.least); }},
    Key{"token_file", [](Node n, WebhookConfig& w) { return take_secret_file(n, w.token_file); }},
    Key{"hmac_file", [](Node n, WebhookConfig& w) { return take_secret_file(n, w.hmac_file); }},
    Key{"ca_file", [](Node n, WebhookConfig& w) { return take_path(n, w.ca_file); }},
    Key{"timeout", [](Node n, WebhookConfig& w) { return take_span(n, kTimeouts, w.timeout_s); }},
    Key{"per_minute", [](Node n, WebhookConfig& w) { return take_rate(n, w.per_minute); }},
};

Wrong complete(WebhookConfig& webhook, std::set<std::string>& names) {
  if (webhook.name.empty()) return "the webhook has no name";
  if (webhook.url.empty() == webhook.url_file.empty())
    return fmt::format("webhook {} needs one of url and url_file", webhook.name);
  if (webhook.per_minute == 0)
    webhook.per_minute = webhook.form == WebhookForm::kText ? kTextPerMinute : kEcsPerMinute;
  if (!names.insert(webhook.name).second) return fmt::format("a second webhook {}", webhook.name);
  if (names.size() > limits::kWebhooksMax)
    return fmt::format("more than {} webhooks", limits::kWebhooksMax);
  return std::nullopt;
}

bool is_this_host(std::string_view host) {
  for (const std::string_view own : {"127.0.0.1", "[::1]", "localhost"})
    if (host == own || (host.starts_with(own) && host[own.size()] == ':')) return true;
  return false;
}

}  // namespace

Result<void> check_webhook_url(std::string_view url) {
  const auto host = url_host(url);
  if (!std::ranges::all_of(url, is_url_character) || host.empty())
    return fail(ErrorCode::kInvalidInput, "an https:// address is expected");
  if (host.find('@') != std::string_view::npos)
    return fail(ErrorCode::kInvalidInput,
                "an address without user name is expected: token_file and hmac_file say who calls");
  if (url.starts_with("https://") || (url.starts_with("http://") && is_this_host(host))) return {};
  return fail(ErrorCode::kInvalidInput,
              "an https:// address is expected; http:// only goes to 127.0.0.1, [::1] and "
              "localhost");
}

WebhooksLoad parse_webhooks(std::string_view text, const std::string& file) {
  WebhooksLoad load;
  std::set<std::string> names;
  const ListRules<WebhookConfig> rules = {
      .section = "webhook", .keys = kKeys, .complete = [&](WebhookConfig& webhook) {
        return complete(webhook, names);
      }};
  load.webhooks = read_sections(text, rules, file, load.faults);
  return load;
}

WebhooksLoad load_webhooks(const std::string& file) {
  std::vector<ListFault> faults;
  const auto text = read_list_file(file, faults);
  if (!faults.empty()) return {{}, std::move(faults)};
  return parse_webhooks(text, file);
}

}  // namespace tocsin::relay
