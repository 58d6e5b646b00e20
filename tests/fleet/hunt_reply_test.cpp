// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_reply.hpp"

#include "fleet/hunt_limits.hpp"
#include "support/hunt_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;
using nlohmann::json;

namespace {

const ReplyHead kHead{"01kb000000000000000000000a", "web-1", "0.1.0"};

}  // namespace

TEST_CASE("a short answer crosses whole", "[fleet]") {
  const auto question = ask_about({"seen.test", "other.test"});
  const auto answer = hunt_answer(question, {"seen.test"});
  const auto reply = HuntReply::parse(make_reply(kHead, answer)).value();
  CHECK(reply.hunt == kHead.hunt);
  CHECK(reply.refused.empty());
  CHECK(reply.asked == 2);
  CHECK(reply.seen == 1);
  CHECK(reply.not_seen == 1);
  CHECK(reply.hits == answer["hits"]);
  CHECK(reply.reasons.empty());  // simply not seen
  CHECK(reply.coverage == answer["coverage"]);
  CHECK(reply.hits_left_out == 0);
}

TEST_CASE("what cannot be known is told by its reason", "[fleet]") {
  const auto question = ask_about({"a.test", "b.test"});
  auto answer = hunt_answer(question, {});
  answer["misses"][0].update({{"verdict", "cannot know"}, {"why", "no packet hook"}});
  answer["misses"][1]["last_before"] = 17.5;
  answer["cannot_know"] = 1U;
  answer["not_seen"] = 1U;
  const auto reply = HuntReply::parse(make_reply(kHead, answer)).value();
  REQUIRE(reply.reasons.size() == 2);
  CHECK(reply.reasons[0]["why"] == "no packet hook");
  CHECK(reply.reasons[0]["count"] == 1);
  CHECK(reply.reasons[0]["values"] == json::array({"a.test"}));
  CHECK(reply.reasons[1]["why"] == "it was seen before that period");
}

TEST_CASE("a long answer loses details first, then hits, and says so", "[fleet]") {
  auto question = ask_about({"x.test"});
  question.values.clear();
  std::vector<std::string> names;
  for (int i = 0; i < 3'000; ++i) {
    names.push_back("host-" + std::to_string(i) + ".example.test");
    question.values.push_back(parse_hunt_value(names.back()).value());
  }
  auto answer = hunt_answer(question, names);
  for (auto& hit : answer["hits"])
    hit["sightings"] = json(20, {{"kind", "name"}, {"program", std::string(64, 'a')}});
  const auto bytes = make_reply(kHead, answer);
  CHECK(bytes.size() <= limits::kReplyBytesMax);
  const auto reply = HuntReply::parse(bytes).value();
  CHECK(reply.seen == 3'000);
  CHECK(reply.hits.size() + reply.hits_left_out == 3'000);
  CHECK(reply.hits.size() > 500);
  CHECK(reply.hits[0] == answer["hits"][0]);
  CHECK(reply.hits.back()["details_left_out"] == true);
  CHECK_FALSE(reply.hits.back().contains("sightings"));
}

TEST_CASE("no answer of a daemon makes a reply too long", "[fleet]") {
  json answer = hunt_answer(ask_about({"a.test"}), {"a.test"});
  answer["hits"][0]["value"] = std::string(400'000, 'x');
  answer["coverage"]["blind"] = {{"periods", json(20, std::string(20'000, 'y'))}};
  answer["misses"] = json::array();
  for (int i = 0; i < 4'000; ++i)
    answer["misses"].push_back({{"verdict", "cannot know"},
                                {"why", std::string(2'000, 'z') + std::to_string(i)},
                                {"value", std::string(2'000, 'v')}});
  CHECK(make_reply(kHead, answer).size() <= limits::kReplyBytesMax);
  CHECK(make_reply(kHead, json()).size() < 1'000);
  CHECK(make_refusal(kHead, std::string(100'000, 'x')).size() < 2'000);
  CHECK(HuntReply::parse(make_refusal(kHead, "no daemon"))->refused == "no daemon");
}

TEST_CASE("what is no reply is refused", "[fleet]") {
  for (const std::string bad : {"", "[]", "{}", R"({"hunt":"x","hits":[1],"seen":1})",
                                R"({"hunt":"x","hits":[{}],"seen":1})",
                                R"({"hunt":"x","seen":2,"hits":[{"type":"domain","value":"a"}]})",
                                R"({"hunt":"x","reasons":[1]})"}) {
    INFO(bad);
    CHECK_FALSE(HuntReply::parse(bad));
  }
  CHECK_FALSE(HuntReply::parse(std::string(100, '[')));
  CHECK(HuntReply::parse(std::string(limits::kReplyBytesMax + 1, ' ')).error().code ==
        ErrorCode::kLimit);
}
