// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/event_log.hpp"

#include "support/test.hpp"

using namespace tocsin;

namespace {

struct Captured {
  std::vector<std::string> lines;
  EventLog log{[this](const std::string&, const std::string& line) { lines.push_back(line); },
               [](std::string_view) { return true; }};
};

EventLog::Render text(std::string s) {
  return [s] { return s; };
}

}  // namespace

TEST_CASE("lines leave in the order things happened, held ones hold what is behind") {
  Captured c;
  c.log.add("fork", text("1"));
  c.log.add_held("exec", 7, 0, text("2"));
  c.log.add("connect", text("3"));
  c.log.add_held("exec", 8, 0, text("4"));
  CHECK(c.lines == std::vector<std::string>{"1"});
  c.log.release(8);
  CHECK(c.lines.size() == 1);
  c.log.release(7);
  CHECK(c.lines == std::vector<std::string>{"1", "2", "3", "4"});
}

TEST_CASE("a held line is rendered when it leaves, the others when they come") {
  Captured c;
  std::string digest = "pending";
  std::string state = "then";
  c.log.add_held("exec", 1, 0, [&] { return digest; });
  c.log.add("exit", [&] { return state; });
  digest = "known";
  state = "later";
  c.log.release(1);
  CHECK(c.lines == std::vector<std::string>{"known", "then"});
}

TEST_CASE("nothing waits longer than the hold time or the hold length") {
  Captured c;
  c.log.add_held("exec", 1, 0, text("late"));
  c.log.add("exit", text("behind"));
  c.log.expire(EventLog::kHoldNs - 1);
  CHECK(c.lines.empty());
  c.log.expire(EventLog::kHoldNs);
  CHECK(c.lines.size() == 2);
  c.log.release(1);  // its digest comes too late: no second line
  CHECK(c.lines.size() == 2);

  Captured full;
  full.log.add_held("exec", 1, 0, text("first"));
  for (std::size_t i = 0; i < EventLog::kHeldMax; ++i) full.log.add("exit", text("x"));
  CHECK(full.lines.size() == EventLog::kHeldMax + 1);
}

TEST_CASE("held lines are bounded, too, and one ticket waits once") {
  Captured c;
  for (std::uint64_t i = 1; i <= EventLog::kHeldMax + 3; ++i)
    c.log.add_held("exec", i, 0, text(std::to_string(i)));
  CHECK(c.lines == std::vector<std::string>{"1", "2", "3"});
  c.log.release(1);  // gone already
  c.log.release(4);
  CHECK(c.lines.back() == "4");
  c.log.add_held("exec", 5, 0, text("again"));
  CHECK(c.lines.back() == "4");
  c.log.release(6);
  CHECK(c.lines.back() == "6");
  c.log.expire(EventLog::kHoldNs);
  CHECK(c.lines.back() == "again");
}
