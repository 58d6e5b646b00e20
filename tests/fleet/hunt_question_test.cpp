// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_question.hpp"

#include <vector>

#include "fleet/hunt_limits.hpp"
#include "history/history_limits.hpp"
#include "support/hunt_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using tocsin::test::ask_about;
using tocsin::test::kHuntNow;

namespace {

ErrorCode code_of(std::string_view bytes, const Ed25519Key& key) {
  const std::vector keys = {key.public_key()};
  const auto read = read_question(bytes, keys);
  return read ? ErrorCode::kInternal : read.error().code;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("a signed question is read back as it was asked", "[fleet]") {
  const auto key = Ed25519Key::generate().value();
  const auto other = Ed25519Key::generate().value();
  auto asked = ask_about({"azureonlinestorage[.]com", "192.0.2.0/24", "/tmp/x"});
  asked.since_ns = kHuntNow - 90 * 86'400 * kNsPerSecond;
  asked.values[0].exact = true;
  const auto bytes = sign_question(asked, key).value();
  const std::vector keys = {other.public_key(), key.public_key()};
  const auto read = read_question(bytes, keys).value();
  CHECK(read.key == key.public_key());
  CHECK(read.question.id == asked.id);
  CHECK(read.question.site == "main");
  CHECK(read.question.issued_ns == asked.issued_ns);
  CHECK(read.question.expires_ns == asked.expires_ns);
  CHECK(read.question.since_ns == asked.since_ns);
  CHECK(read.question.wait_s == 30);
  REQUIRE(read.question.values.size() == 3);
  CHECK(read.question.values[0].text == "azureonlinestorage.com");
  CHECK(read.question.values[0].exact);
  CHECK(read.question.values[1].type == IndicatorType::kCidr);
  CHECK_FALSE(read.question.values[2].exact);
}

TEST_CASE("a question that was changed, or signed by another, is nobody's", "[fleet]") {
  const auto key = Ed25519Key::generate().value();
  const auto other = Ed25519Key::generate().value();
  const auto bytes = sign_question(ask_about({"example.test"}), key).value();
  CHECK(code_of(bytes, other) == ErrorCode::kPermission);
  CHECK(code_of(replaced(bytes, "example.test", "exemple.test"), key) == ErrorCode::kPermission);
  CHECK(code_of(replaced(bytes, "main", "lab1"), key) == ErrorCode::kPermission);
  CHECK(code_of(bytes + " ", key) == ErrorCode::kPermission);
  // Another's signature under the name of a listed key.
  const auto forged = sign_question(ask_about({"example.test"}), other).value();
  const auto line = bytes.substr(14, 44);
  CHECK(code_of(replaced(forged, forged.substr(14, 44), line), key) == ErrorCode::kPermission);
  for (const std::string none : {"", "{}", "tocsin-hunt-1\n", "tocsin-hunt-2\nAA==\nAA==\n{}"})
    CHECK(code_of(none, key) == ErrorCode::kInvalidInput);
  CHECK(code_of(bytes + std::string(limits::kQuestionBytesMax, ' '), key) == ErrorCode::kLimit);
}

TEST_CASE("what is no proper question is not signed", "[fleet]") {
  const auto key = Ed25519Key::generate().value();
  auto question = ask_about({"example.test"});
  question.expires_ns = question.issued_ns + 8 * 86'400 * kNsPerSecond;
  CHECK_FALSE(sign_question(question, key));
  question = ask_about({"example.test"});
  question.expires_ns = question.issued_ns;
  CHECK_FALSE(sign_question(question, key));
  question = ask_about({});
  CHECK_FALSE(sign_question(question, key));
  question = ask_about({"example.test"});
  question.id = "short";
  CHECK_FALSE(sign_question(question, key));
  question = ask_about({"example.test"});
  question.values.resize(limits::kHuntValuesMax + 1, question.values[0]);
  CHECK(sign_question(question, key).error().code == ErrorCode::kLimit);
}

TEST_CASE("as many values as one question takes fit into one message", "[fleet]") {
  const auto key = Ed25519Key::generate().value();
  auto question = ask_about({"example.test"});
  question.values.clear();
  for (std::uint32_t i = 0; i < limits::kHuntValuesMax; ++i)
    question.values.push_back(
        make_hunt_value(IndicatorType::kSha256, test::digest_number(i).hex()).value());
  const auto bytes = sign_question(question, key).value();
  CHECK(bytes.size() <= limits::kQuestionBytesMax);
  const std::vector keys = {key.public_key()};
  CHECK(read_question(bytes, keys)->question.values.size() == limits::kHuntValuesMax);
}

TEST_CASE("the id of a hunt tells when it was made, and is a part of a subject", "[fleet]") {
  const auto id = new_hunt_id(kHuntNow + 123'456'789);
  CHECK(id.size() == 26);
  CHECK(hunt_id_time(id) == kHuntNow + 123'000'000);
  CHECK(id != new_hunt_id(kHuntNow + 123'456'789));
  CHECK(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz") == std::string::npos);
  CHECK_FALSE(hunt_id_time(id + "0"));
  CHECK_FALSE(hunt_id_time("8" + id.substr(1)));
  CHECK_FALSE(hunt_id_time("u" + id.substr(1)));
  CHECK_FALSE(hunt_id_time(""));
}
