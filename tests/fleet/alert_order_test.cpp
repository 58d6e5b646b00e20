// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/alert_order.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "fleet/fleet_limits.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::fleet;

namespace {

constexpr BootNs kSecond = 1'000'000'000;

struct Told {
  HostOrder order;
  std::vector<std::uint64_t> numbers;
  BootNs now = kSecond;

  void add(std::uint64_t number, const std::string& spool = "a1") {
    order.add({"web-1", spool, number}, {.subject = "s", .data = std::to_string(number)}, now,
              [this](const Message& m) { numbers.push_back(std::stoull(m.data)); });
  }
  void pass(BootNs ns) {
    now += ns;
    order.expire(now, [this](const Message& m) { numbers.push_back(std::stoull(m.data)); });
  }
};

}  // namespace

TEST_CASE("ids of messages are taken apart, and nothing else passes", "[fleet]") {
  const auto id = MessageId::parse("web-1:9f86d0:alert:17");
  REQUIRE(id);
  CHECK(id->host == "web-1");
  CHECK(id->spool == "9f86d0");
  CHECK(id->number == 17);
  for (const char* wrong :
       {"", "web-1", "web-1:a", "web-1:a:alert:", "web-1:a:alert:x", ":a:alert:1", "web-1::alert:1",
        "WEB:a:alert:1", "web-1:a:alert:0", "web-1:7", "web-1:a:alert:18446744073709551615"})
    CHECK(!MessageId::parse(wrong));
}

TEST_CASE("what an election stored out of turn is told in turn, and once", "[fleet]") {
  Told told;
  for (const std::uint64_t n : {1, 2, 5, 4, 2, 3, 5, 6}) told.add(n);
  CHECK(told.numbers == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6});
  CHECK(told.order.counts().duplicates == 2);
  CHECK(told.order.counts().missing == 0);
  CHECK(told.order.waiting() == 0);
}

TEST_CASE("a gap is waited for, then passed over, and filled late", "[fleet]") {
  Told told;
  told.add(1);
  told.add(3);
  told.pass(HostOrder::kHold - 1);
  CHECK(told.numbers == std::vector<std::uint64_t>{1});
  told.pass(1);
  CHECK(told.numbers == std::vector<std::uint64_t>{1, 3});
  CHECK(told.order.counts().missing == 1);
  told.add(2);
  told.add(2);
  CHECK(told.numbers == std::vector<std::uint64_t>{1, 3, 2});
  CHECK(told.order.counts().missing == 0);
  CHECK(told.order.counts().duplicates == 1);
}

TEST_CASE("reading may begin in the middle, and a new spool begins anew", "[fleet]") {
  Told told;
  for (const std::uint64_t n : {700, 699, 701}) told.add(n);
  told.add(1, "b2");
  told.add(2, "b2");
  CHECK(told.numbers == std::vector<std::uint64_t>{700, 699, 701, 1, 2});
  CHECK(told.order.counts().duplicates == 0);
}

TEST_CASE("a host that lies about its numbers costs bounded memory", "[fleet]") {
  Told told;
  told.add(1);
  for (std::uint64_t n = 1; n <= 3 * limits::kHeldMessagesMax; ++n) told.add(n * 1'000'000'000);
  CHECK(told.order.waiting() <= limits::kHeldMessagesMax);
  CHECK(told.numbers.size() + told.order.waiting() == 1 + 3 * limits::kHeldMessagesMax);
}

TEST_CASE("any order within the hold comes out sorted and whole", "[fleet]") {
  std::minstd_rand random(20260930);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::uint64_t> sent;
    for (std::uint64_t n = 2; n <= 200; ++n) {
      sent.push_back(n);
      if (random() % 4 == 0) sent.push_back(n);
    }
    std::ranges::shuffle(sent, random);
    Told told;
    told.add(1);
    for (const auto n : sent) told.add(n);
    std::vector<std::uint64_t> all(200);
    for (std::uint64_t n = 1; n <= 200; ++n) all[n - 1] = n;
    CHECK(told.numbers == all);
    CHECK(told.order.counts().duplicates == sent.size() - 199);
  }
}
