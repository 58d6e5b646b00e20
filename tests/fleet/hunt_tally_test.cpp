// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_tally.hpp"

#include "fleet/answer_view.hpp"
#include "fleet/hunt_limits.hpp"
#include "support/hunt_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;
using nlohmann::json;

namespace {

struct Asked {
  HuntQuestion question = ask_about({"seen.test", "other.test"});
  std::string reply(const std::string& host, const json& answer) const {
    return make_reply({question.id, host, "0.1.0"}, answer);
  }
  std::string saw(const std::vector<std::string>& values) const {
    return reply("x", hunt_answer(question, values));
  }
};

HostVerdict verdict(const HuntTally& tally, const std::string& host) {
  return tally.hosts().at(host).verdict;
}

}  // namespace

TEST_CASE("what hosts answer is told apart", "[fleet]") {
  const Asked asked;
  HuntTally tally(asked.question, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}});
  CHECK(tally.take("a", asked.saw({"seen.test"}), kHuntNow));
  CHECK(tally.take("b", asked.saw({}), kHuntNow));
  auto gaps = hunt_answer(asked.question, {});
  gaps["coverage"]["gaps"] = {{"count", 2U}, {"seconds", 3'600.0}};
  CHECK(tally.take("c", asked.reply("c", gaps), kHuntNow));
  auto blind = hunt_answer(asked.question, {});
  blind["not_seen"] = blind["cannot_know"] = 1U;
  CHECK(tally.take("d", asked.reply("d", blind), kHuntNow + 31 * kNsPerSecond));
  CHECK(tally.take("e", make_refusal({asked.question.id, "e", "0"}, "no daemon"), kHuntNow));
  CHECK(verdict(tally, "a") == HostVerdict::kSeen);
  CHECK(verdict(tally, "b") == HostVerdict::kNotSeen);
  CHECK(verdict(tally, "c") == HostVerdict::kGaps);
  CHECK(verdict(tally, "d") == HostVerdict::kCannotKnow);
  CHECK(verdict(tally, "e") == HostVerdict::kRefused);
  CHECK(verdict(tally, "f") == HostVerdict::kSilent);
  CHECK(tally.known() == 6);
  CHECK(tally.answered() == 5);
  CHECK(tally.late() == 1);
  const auto out = tally.to_json();
  CHECK(out["verdicts"]["seen"] == 1);
  CHECK(out["verdicts"]["silent"] == 1);
  CHECK(out["hosts"][0]["hits"][0]["value"] == "seen.test");
  CHECK(out["hosts"][3]["late"] == true);
}

TEST_CASE("a reply from before the question's time is known by its id only", "[fleet]") {
  const Asked asked;
  HuntTally tally(asked.question, {{"a", 1}, {"b", 1}});
  const auto before = asked.question.issued_ns - 1;
  CHECK(!tally.take("a", "[[[", before));
  CHECK(verdict(tally, "a") == HostVerdict::kSilent);
  CHECK(tally.take("a", asked.saw({"seen.test"}), before));
  CHECK(verdict(tally, "a") == HostVerdict::kSeen);
  CHECK(tally.take("b", "[[[", asked.question.issued_ns));
  CHECK(verdict(tally, "b") == HostVerdict::kUnreadable);
}

TEST_CASE("hosts that could look nothing up make no \"none\"", "[fleet]") {
  const Asked asked;
  HuntTally tally(asked.question, {{"a", 1}, {"b", 1}});
  auto blind = hunt_answer(asked.question, {});
  blind["not_seen"] = 0U;
  blind["cannot_know"] = blind["not_kept"] = 1U;
  CHECK(tally.take("a", asked.reply("a", blind), kHuntNow));
  REQUIRE(verdict(tally, "a") == HostVerdict::kCannotKnow);
  CHECK(tally.answered() == 1);
  CHECK(tally.told_something() == 0);
  CHECK(answer_lines(tally, cli::Output(false))[1].find("this is no \"none\"") !=
        std::string::npos);
  // One value that was looked up is something.
  blind["not_seen"] = 1U;
  blind["not_kept"] = 0U;
  CHECK(tally.take("b", asked.reply("b", blind), kHuntNow));
  CHECK(tally.told_something() == 1);
}

TEST_CASE("a host is who the subject says, and its first answer counts", "[fleet]") {
  const Asked asked;
  HuntTally tally(asked.question, {{"a", 1}, {"b", 1}});
  // b says that it is a.
  CHECK(tally.take("b", asked.reply("a", hunt_answer(asked.question, {"seen.test"})), kHuntNow));
  CHECK(verdict(tally, "a") == HostVerdict::kSilent);
  CHECK(tally.take("a", asked.saw({}), kHuntNow));
  for (int i = 0; i < 1'000; ++i) CHECK_FALSE(tally.take("b", asked.saw({}), kHuntNow));
  CHECK(verdict(tally, "b") == HostVerdict::kSeen);
  CHECK(tally.hosts().at("b").repeats == 1'000);
  CHECK(verdict(tally, "a") == HostVerdict::kNotSeen);
  // A host without a beat is heard, too.
  CHECK(tally.take("new", asked.saw({"seen.test"}), kHuntNow));
  CHECK(tally.answered() == 3);
}

TEST_CASE("what is no answer to this question is named as that", "[fleet]") {
  const Asked asked;
  HuntTally tally(asked.question, {{"a", 1}});
  // Of another hunt: nothing is said about this one.
  const auto elsewhere = ask_about({"seen.test", "other.test"});
  CHECK_FALSE(
      tally.take("a", make_reply({elsewhere.id, "a", "0"}, hunt_answer(elsewhere, {})), kHuntNow));
  CHECK(verdict(tally, "a") == HostVerdict::kSilent);
  CHECK(tally.take("a", "garbage", kHuntNow));
  CHECK(verdict(tally, "a") == HostVerdict::kUnreadable);
  // It may have been of any hunt: a readable one still counts.
  CHECK_FALSE(tally.take("a", asked.saw({}), kHuntNow));
  CHECK(verdict(tally, "a") == HostVerdict::kNotSeen);
  CHECK(tally.answered() == 1);

  const auto refused = [&](json answer) {
    HuntTally fresh(asked.question, {});
    fresh.take("a", asked.reply("a", answer), kHuntNow);
    return verdict(fresh, "a") == HostVerdict::kUnreadable;
  };
  auto answer = hunt_answer(asked.question, {"seen.test"});
  CHECK_FALSE(refused(answer));
  answer["hits"][0]["value"] = "invented.test";
  CHECK(refused(answer));
  answer = hunt_answer(asked.question, {"seen.test"});
  answer["not_seen"] = 0U;  // of two values one
  CHECK(refused(answer));
  answer["not_seen"] = 18'446'744'073'709'551'615U;
  CHECK(refused(answer));
}

TEST_CASE("a line for a terminal shows how far the answers are", "[fleet]") {
  const Asked asked;
  HuntTally tally(asked.question, {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}});
  CHECK(progress_line(tally, 29.2) ==
        "[....................] 0 of 4 hosts answered, seen on 0, 30 s left");
  tally.take("a", asked.saw({"seen.test"}), kHuntNow);
  CHECK(progress_line(tally, 10) ==
        "[#####...............] 1 of 4 hosts answered, seen on 1, 10 s left");
  const HuntTally nobody(asked.question, {});
  CHECK(progress_line(nobody, 0).starts_with("[....................] 0 of 0 hosts"));
}

TEST_CASE("after some unreadable replies a host is not read any more", "[fleet]") {
  const Asked asked;
  HuntTally tally(asked.question, {{"a", 1}});
  for (std::uint64_t i = 0; i <= limits::kReplyTriesMax; ++i) tally.take("a", "garbage", kHuntNow);
  CHECK_FALSE(tally.take("a", asked.saw({}), kHuntNow));
  CHECK(verdict(tally, "a") == HostVerdict::kUnreadable);
}

TEST_CASE("no host takes room for details from another", "[fleet]") {
  auto question = ask_about({"x.test"});
  std::map<std::string, WallNs> known;
  for (int i = 0; i < 2'000; ++i) known["host-" + std::to_string(i)] = 1;
  auto answer = hunt_answer(question, {"x.test"});
  answer["hits"][0]["sightings"] = json::array({std::string(200'000, 's')});
  const auto large = make_reply({question.id, "x", "0"}, answer);
  const auto small = make_reply({question.id, "x", "0"}, hunt_answer(question, {"x.test"}));
  HuntTally tally(question, known);
  for (int i = 0; i < 20; ++i) {
    const auto host = "host-" + std::to_string(i);
    CHECK(tally.take(host, large, kHuntNow));
    CHECK(tally.hosts().at(host).hits.size() <= limits::kTallyDetailBytesMax / known.size());
    CHECK(tally.hosts().at(host).hits_left_out == 1);
  }
  CHECK(tally.take("host-1999", small, kHuntNow));
  CHECK(tally.count(HostVerdict::kSeen) == 21);
  CHECK(json::parse(tally.hosts().at("host-1999").hits).size() == 1);
}
