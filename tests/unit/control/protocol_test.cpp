// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/protocol.hpp"

#include <random>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::control;

TEST_CASE("frames survive being cut anywhere", "[control]") {
  std::mt19937 rng(7);
  std::string stream;
  std::vector<std::string> payloads;
  for (int i = 0; i < 40; ++i) {
    payloads.emplace_back(1 + rng() % 300, static_cast<char>('a' + i % 26));
    append_frame(stream, payloads.back());
  }
  for (int round = 0; round < 50; ++round) {
    FrameReader reader(300);
    std::vector<std::string> got;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t n = std::min<std::size_t>(1 + rng() % 700, stream.size() - at);
      reader.feed(std::string_view(stream).substr(at, n));
      at += n;
      for (;;) {
        const auto payload = reader.next();
        REQUIRE(payload);
        if (!*payload) break;
        got.push_back(**payload);
      }
      REQUIRE(reader.buffered_bytes() < kFrameHeaderBytes + 300);
    }
    REQUIRE(got == payloads);
  }
}

TEST_CASE("the length is little-endian and bounded", "[control]") {
  std::string frame;
  append_frame(frame, "{}");
  CHECK(frame == std::string("\x02\x00\x00\x00{}", 6));

  for (const auto& header :
       {std::string("\x00\x00\x00\x00", 4), std::string("\x0b\x00\x00\x00", 4),
        std::string("\xff\xff\xff\xff", 4), std::string("\x02\x00\x00\x01", 4)}) {
    FrameReader reader(10);
    reader.feed(header);
    const auto first = reader.next();
    REQUIRE_FALSE(first);
    CHECK(first.error().code == ErrorCode::kInvalidInput);
    reader.feed("{}");
    CHECK_FALSE(reader.next());  // there is no way back into step
  }
}

TEST_CASE("a request is read as it was written", "[control]") {
  const Request request{77, "alerts", {{"follow", true}, {"severity", "high"}}};
  const auto read = parse_request(request_payload(request));
  REQUIRE(read);
  CHECK(read->id == 77);
  CHECK(read->command == "alerts");
  CHECK(read->arguments == request.arguments);
  CHECK(parse_request(R"({"id":0,"command":"status","more":[1]})")->arguments.empty());
}

TEST_CASE("a request that is none is refused with the reason", "[control]") {
  const auto reason = [](std::string_view payload) {
    const auto request = parse_request(payload);
    REQUIRE_FALSE(request);
    CHECK(request.error().code == ErrorCode::kInvalidInput);
    return request.error().message;
  };
  CHECK(reason("GET / HTTP/1.1\r\n\r\n") == "the frame is not JSON");
  CHECK(reason("[1]") == "the frame is not a JSON object");
  CHECK(reason("{\"id\":1,\"command\":\"\xff\"}") == "the frame is not JSON");
  CHECK(reason(R"({"command":"status"})").starts_with("no \"id\""));
  CHECK(reason(R"({"id":-1,"command":"status"})").starts_with("no \"id\""));
  CHECK(reason(R"({"id":1.5,"command":"status"})").starts_with("no \"id\""));
  CHECK(reason(R"({"id":9007199254740993,"command":"status"})").starts_with("no \"id\""));
  CHECK(reason(R"({"id":1e999,"command":"status"})") == "the frame is not JSON");
  CHECK(reason(R"({"id":1})") == "no \"command\"");
  CHECK(reason(R"({"id":1,"command":7})") == "no \"command\"");
  CHECK(reason(R"({"id":1,"command":"status","arguments":[]})").starts_with("\"arguments\""));
  CHECK(reason(std::string(60'000, '[')).starts_with("nested deeper"));
}

TEST_CASE("brackets inside of strings are not nesting", "[control]") {
  const std::string value(100, '[');
  const auto request =
      parse_request(request_payload({1, "check", {{"values", {value + "\"{\\"}}}}));
  REQUIRE(request);
  CHECK(request->arguments["values"][0] == value + "\"{\\");
}

TEST_CASE("an item arrives byte for byte", "[control]") {
  // Digits that a double cannot hold, and members out of order.
  const std::string item = R"({"ts":1764071234.123456789,"kind":"exec", "a":1.10})";
  const auto reply = parse_reply(item_payload(5, item));
  REQUIRE(reply);
  CHECK(reply->kind == Reply::Kind::kItem);
  CHECK(reply->id == 5U);
  CHECK(reply->item == item);

  // Text that closes the item early must not pass as one value.
  const auto two = parse_reply(R"({"id":5,"item":1,"error":{"code":"io"}})");
  REQUIRE(two);
  CHECK(two->item == "1");
  CHECK_FALSE(parse_reply(R"({"id":5,"item":})"));
}

TEST_CASE("every reply is read as it was written", "[control]") {
  const auto hello = parse_reply(hello_payload("1.2.3", true));
  REQUIRE(hello);
  CHECK(hello->kind == Reply::Kind::kHello);
  CHECK(hello->protocol == kProtocolVersion);
  CHECK(hello->version == "1.2.3");
  CHECK(hello->may_change);
  CHECK_FALSE(parse_reply(hello_payload("1.2.3", false))->may_change);

  CHECK(parse_reply(done_payload(3))->kind == Reply::Kind::kDone);
  CHECK(parse_reply(lost_payload(3, 12))->lost == 12);
  const auto error = parse_reply(error_payload(3, {ErrorCode::kBusy, "say \"please\" \xff"}));
  REQUIRE(error);
  CHECK(error->kind == Reply::Kind::kError);
  CHECK(error->error.code == ErrorCode::kBusy);
  CHECK(error->error.message == "say \"please\" \xEF\xBF\xBD");
  CHECK_FALSE(parse_reply(error_payload(std::nullopt, {}))->id);

  for (const auto* hostile : {"", "7", "null", "{}", R"({"hello":"other"})", R"({"error":7})",
                              R"({"hello":"tocsin","protocol":"x"})"})
    CHECK_FALSE(parse_reply(hostile));
}

TEST_CASE("error codes have names that read back", "[control]") {
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    CHECK(parse_error_code(to_string(code)) == code);
  }
  CHECK(parse_error_code("unheard-of") == ErrorCode::kInternal);
}
