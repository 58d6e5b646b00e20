// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/question_table.hpp"

#include <fmt/format.h>

#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kNow = 1'700'000'000 * kNsPerSecond;
constexpr WallNs kMs = 1'000'000;
constexpr WallNs kLongAgo = kNow - 3600 * kNsPerSecond;
constexpr ProcessId kCurl{100, 5}, kStub{20, 1}, kForwarder{30, 1};

DnsEvent question(ProcessId who, WallNs at, std::string name = "evil.example",
                  std::string type = "A") {
  DnsEvent e;
  e.head = {at, who, 0};
  e.qname = std::move(name);
  e.qtype = std::move(type);
  return e;
}

}  // namespace

TEST_CASE("a resolver's question is asked on behalf of the program", "[names]") {
  QuestionTable table;
  CHECK_FALSE(table.on_question(question(kCurl, kNow), kNow - kMs).on_behalf_of);
  const auto heard = table.on_question(question(kStub, kNow + kMs), kLongAgo);
  CHECK(heard.on_behalf_of == kCurl);
  SECTION("and so on along a chain of resolvers") {
    CHECK(table.on_question(question(kForwarder, kNow + 2 * kMs), kLongAgo).on_behalf_of == kCurl);
  }
  SECTION("also when the resolver asks again") {
    const auto again = table.on_question(question(kStub, kNow + 2000 * kMs), kLongAgo);
    CHECK(again.repeated);
    CHECK(again.on_behalf_of == kCurl);
  }
}

TEST_CASE("an answer tells for whom the question was asked", "[names]") {
  QuestionTable table;
  table.on_question(question(kCurl, kNow), kNow - kMs);
  table.on_question(question(kStub, kNow + kMs), kLongAgo);  // relays it
  CHECK(table.on_answer(question(kStub, kNow + 2 * kMs)) == kCurl);
  CHECK(table.on_answer(question(kCurl, kNow + 3 * kMs)) == kCurl);
}

TEST_CASE("an answered question is nobody's any more", "[names]") {
  QuestionTable table;
  table.on_question(question(kCurl, kNow), kNow - kMs);
  CHECK(table.on_answer(question(kCurl, kNow + kMs)));
  CHECK_FALSE(table.on_question(question(kStub, kNow + 2 * kMs), kLongAgo).on_behalf_of);
}

TEST_CASE("a program younger than the question is no resolver of it", "[names]") {
  QuestionTable table;
  table.on_question(question(kCurl, kNow), kNow - kMs);
  const auto second = table.on_question(question({101, 9}, kNow + 50 * kMs), kNow + 40 * kMs);
  CHECK_FALSE(second.on_behalf_of);
}

TEST_CASE("another name, another type, or ten seconds later is another matter", "[names]") {
  QuestionTable table;
  table.on_question(question(kCurl, kNow), kNow - kMs);
  CHECK_FALSE(table.on_question(question(kStub, kNow, "x.example"), kLongAgo).on_behalf_of);
  CHECK_FALSE(
      table.on_question(question(kStub, kNow, "evil.example", "AAAA"), kLongAgo).on_behalf_of);
  const auto late = table.on_question(question(kStub, kNow + 11 * kNsPerSecond), kLongAgo);
  CHECK_FALSE(late.on_behalf_of);
}

TEST_CASE("an answer without its question is told apart", "[names]") {
  QuestionTable table;
  CHECK_FALSE(table.on_answer(question(kCurl, kNow)));
  table.on_question(question(kStub, kNow), kLongAgo);
  CHECK_FALSE(table.on_answer(question(kCurl, kNow)));
}

TEST_CASE("the monitor's answer belongs to any question for the name", "[names]") {
  QuestionTable table;
  auto told = question({}, kNow);
  told.origin = DnsOrigin::kResolverMonitor;
  CHECK_FALSE(table.on_answer(told));
  table.on_question(question(kCurl, kNow), kNow - kMs);
  CHECK(table.on_answer(told));
  // It is not the program's own answer: a resolver may still relay the question.
  CHECK(table.on_question(question(kStub, kNow + kMs), kLongAgo).on_behalf_of == kCurl);
}

TEST_CASE("a flood of questions is bounded and counted", "[names]") {
  QuestionTable table;
  for (std::size_t i = 0; i < limits::kOpenQuestionsMax + 500; ++i)
    table.on_question(question(kCurl, kNow, fmt::format("n{}.example", i)), kLongAgo);
  CHECK(table.evicted() >= 499);
  // The oldest are gone, the latest are there.
  CHECK_FALSE(table.on_answer(question(kCurl, kNow, "n0.example")));
  CHECK(table.on_answer(
      question(kCurl, kNow, fmt::format("n{}.example", limits::kOpenQuestionsMax + 499))));
}
