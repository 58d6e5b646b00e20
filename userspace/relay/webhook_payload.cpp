// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/webhook_payload.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace tocsin::relay {
namespace {

using nlohmann::json;

// Of the text of a chat message: what it says, and each of the words below.
constexpr std::size_t kMessageBytesMax = 1'000, kWordBytesMax = 128;

std::string text_at(const json& object, const char* pointer) {
  const json::json_pointer at(pointer);
  if (!object.contains(at)) return {};
  const auto& value = object.at(at);
  return value.is_string() ? value.get<std::string>() : std::string();
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// Names and addresses of the alert: what a chat would make a link of, and a reader follow.
std::set<std::string> live_values(const json& alert) {
  std::set<std::string> out;
  for (const auto* pointer : {"/destination/ip", "/destination/domain", "/dns/question/name",
                              "/tls/client/server_name", "/tocsin/name/value"})
    out.insert(text_at(alert, pointer));
  for (const auto* pointer : {"/related/ip", "/related/hosts"}) {
    const json::json_pointer at(pointer);
    if (!alert.contains(at) || !alert.at(at).is_array()) continue;
    for (const auto& value : alert.at(at))
      if (value.is_string()) out.insert(value.get<std::string>());
  }
  out.erase("");
  out.erase(text_at(alert, "/host/name"));  // our own
  return out;
}

std::string defanged(std::string value) {
  replace_all(value, ".", "[.]");
  if (value.find("[.]") == std::string::npos) replace_all(value, ":", "[:]");  // IPv6
  return value;
}

// In a code span nothing is a link, a mention or markup, so all depends on what could end it. The
// rest is for clients that look into code spans all the same: look-alikes stand for the signs.
std::string code_span(std::string text, std::size_t bytes_max = kWordBytesMax) {
  replace_all(text, "`", "\u02cb");
  replace_all(text, "<", "\u2039");
  replace_all(text, ">", "\u203a");
  replace_all(text, "&", "\uff06");
  replace_all(text, "@", "\uff20");
  replace_all(text, "://", "[:]//");
  auto shown = printable(text);
  if (shown.size() > bytes_max) {
    shown.resize(bytes_max);
    shown.resize(std::min(invalid_utf8_at(shown), shown.size()));
    shown += "\u2026";
  }
  return "`" + (shown.empty() ? "?" : shown) + "`";
}

}  // namespace

std::string chat_text(std::string_view alert_json) {
  const auto alert = json::parse(alert_json, nullptr, false);
  if (!alert.is_object()) return "tocsin: an alert that cannot be read";
  auto message = text_at(alert, "/message");
  // The longest first: a name that ends in another one is written once.
  const auto values = live_values(alert);
  std::vector<std::string> by_length(values.begin(), values.end());
  std::ranges::sort(by_length, [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const auto& value : by_length) replace_all(message, value, defanged(value));
  const auto severity = parse_severity(text_at(alert, "/labels/severity"));
  auto out =
      fmt::format("*tocsin: {} alarm* on {}\n{}\n",
                  severity ? to_string(*severity) : std::string_view("unknown"),
                  code_span(text_at(alert, "/host/name")), code_span(message, kMessageBytesMax));
  for (const auto& [name, pointer] :
       {std::pair("user", "/user/name"), std::pair("login", "/tocsin/login_user"),
        std::pair("set", "/rule/ruleset"), std::pair("weak because", "/tocsin/weak_because")})
    if (const auto value = text_at(alert, pointer); !value.empty())
      out += fmt::format("{} {}  ", name, code_span(value));
  if (!out.ends_with('\n')) out += '\n';
  return out + code_span("tocsin explain " + text_at(alert, "/event/id"));
}

WebhookPayload webhook_payload(const SpooledAlert& alert, WebhookForm form) {
  WebhookPayload out;
  if (form == WebhookForm::kText) {
    out.body = json({{"text", chat_text(alert.json)}})
                   .dump(-1, ' ', false, json::error_handler_t::replace);
  } else {
    out.body = alert.json;
  }
  out.headers = {"Content-Type: application/json", "X-Tocsin-Alert-Id: " + printable(alert.id, 64),
                 "Idempotency-Key: " + printable(alert.id, 64)};
  return out;
}

std::vector<std::string> signature_headers(std::string_view key, std::string_view body,
                                           std::int64_t unix_s) {
  const auto signed_text = fmt::format("{}.{}", unix_s, body);
  std::array<std::uint8_t, 32> mac{};
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signed_text.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, signed_text.size(),
           mac.data(), &size) == nullptr)
    return {};
  return {fmt::format("X-Tocsin-Timestamp: {}", unix_s),
          "X-Tocsin-Signature: sha256=" + to_hex(mac)};
}

}  // namespace tocsin::relay
