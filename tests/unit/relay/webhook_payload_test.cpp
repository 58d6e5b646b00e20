// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/webhook_payload.hpp"

#include <algorithm>
#include <random>

#include <nlohmann/json.hpp>

#include "relay/webhook_limits.hpp"
#include "support/alert_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::relay;
using nlohmann::json;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string line_of(const Alert& alert) {
  return render_json(alert, test::sample_origin(), 1);
}

SpooledAlert spooled(const Alert& alert) {
  return {.seq = 1, .id = alert.id, .severity = alert.severity, .json = line_of(alert)};
}

}  // namespace

TEST_CASE("the ECS form is the alert's line, with its id in the head", "[webhook_payload]") {
  const auto alert = spooled(test::sample_alert(AlertKind::kExecHash));
  const auto payload = webhook_payload(alert, WebhookForm::kEcs);
  CHECK(payload.body == alert.json);
  CHECK(std::ranges::count(payload.headers, "X-Tocsin-Alert-Id: " + alert.id) == 1);
  CHECK(std::ranges::count(payload.headers, "Idempotency-Key: " + alert.id) == 1);
}

TEST_CASE("the chat form says what happened and where to read on", "[webhook_payload]") {
  const auto alert = spooled(test::sample_alert(AlertKind::kConnectName));
  const auto payload = webhook_payload(alert, WebhookForm::kText);
  const auto body = json::parse(payload.body);
  CHECK(body.size() == 1);
  const auto text = body["text"].get<std::string>();
  INFO(text);
  CHECK(text.starts_with("*tocsin: critical alarm* on `jump1`\n"));
  CHECK(has(text, "www[.]evil[.]example"));
  CHECK_FALSE(has(text, "evil.example"));
  CHECK(has(text, "192[.]0[.]2[.]7"));
  CHECK(has(text, "set `3cx-2023`"));
  CHECK(text.ends_with("`tocsin explain " + alert.id + "`"));
}

TEST_CASE("a chat message calls nobody and links nowhere", "[webhook_payload]") {
  Alert alert = test::sample_alert(AlertKind::kNotCaptured);
  alert.message =
      "`<!channel> @here <https://evil.example|ok> ![x](http://evil.example/p.png)\n\u202e&lt;";
  alert.lineage[0].user = "`*bob* @all";
  const auto text = chat_text(line_of(alert));
  INFO(text);
  for (const auto* live : {"<", ">", "@", "://", "&", "\u202e"}) CHECK_FALSE(has(text, live));
  // Every span that is opened is closed, and none by the attacker: an odd part is inside one.
  CHECK(std::ranges::count(text, '`') % 2 == 0);
  CHECK(std::ranges::count(text, '\n') <= 3);
}

TEST_CASE("any alert makes a bounded chat message", "[webhook_payload]") {
  std::mt19937_64 random(11);
  const auto bytes = [&](std::size_t most) {
    std::string out(random() % most, '\0');
    for (char& c : out) c = static_cast<char>(random() & 0xff);
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    const auto kinds = all_alert_kinds();
    Alert alert = test::sample_alert(kinds[random() % kinds.size()].kind);
    alert.message = bytes(4'000);
    alert.weak_because = bytes(4'000);
    for (auto& process : alert.lineage) process.user = process.login_user = bytes(4'000);
    for (auto& match : alert.matches) match.indicator.set = bytes(4'000);
    const auto text = chat_text(line_of(alert));
    INFO(text);
    REQUIRE(text.size() <= limits::kChatTextBytesMax);
    REQUIRE(std::ranges::count(text, '`') % 2 == 0);
    REQUIRE_FALSE(json::parse(webhook_payload(spooled(alert), WebhookForm::kText).body).empty());
  }
  CHECK(chat_text("nonsense") == "tocsin: an alert that cannot be read");
  CHECK_FALSE(chat_text("{}").empty());
}

// As "openssl dgst -sha256 -hmac Jefe" has it for "1700000000.what do ya want for nothing?".
TEST_CASE("requests are signed over time and body", "[webhook_payload]") {
  const auto headers = signature_headers("Jefe", "what do ya want for nothing?", 1'700'000'000);
  REQUIRE(headers.size() == 2);
  CHECK(headers[0] == "X-Tocsin-Timestamp: 1700000000");
  CHECK(headers[1] ==
        "X-Tocsin-Signature: sha256="
        "1cdd0650c8be1cb0974b1788d458b1e781206cfef59b85faafc582d2e182c57e");
}
