// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/answer_queue.hpp"

#include "support/test.hpp"

using namespace tocsin;
using relay::AnswerQueue;

namespace {

void push(AnswerQueue& queue, const std::string& domain, std::uint32_t ttl_s = 1) {
  queue.push({.domain = domain, .addresses = {}, .ttl_s = ttl_s, .server = ""});
}

std::vector<std::string> waiting(const AnswerQueue& queue, std::size_t count = 100) {
  std::vector<std::string> out;
  for (const auto* answer : queue.front(count)) out.push_back(answer->domain);
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("of each name the newest answer waits, and no more than there is room for", "[relay]") {
  AnswerQueue queue(3);
  push(queue, "a");
  push(queue, "b");
  push(queue, "a", 7);
  CHECK(waiting(queue) == Names{"b", "a"});
  CHECK(queue.front(2)[1]->ttl_s == 7);
  CHECK(queue.dropped() == 0);
  push(queue, "c");
  push(queue, "b");  // full, but it takes its own place
  CHECK(waiting(queue) == Names{"a", "c", "b"});
  CHECK(queue.dropped() == 0);
  push(queue, "d");
  push(queue, "e");
  CHECK(waiting(queue) == Names{"b", "d", "e"});
  CHECK(queue.dropped() == 2);
  push(queue, "a");  // it had gone
  CHECK(waiting(queue) == Names{"d", "e", "a"});
  CHECK(queue.dropped() == 3);
}

TEST_CASE("answers stay until they are told, and refused ones are counted", "[relay]") {
  AnswerQueue queue(10);
  for (const auto* name : {"a", "b", "c", "d"}) push(queue, name);
  CHECK(waiting(queue, 2) == Names{"a", "b"});
  CHECK(queue.size() == 4);
  queue.pop_told(2);
  CHECK(waiting(queue) == Names{"c", "d"});
  CHECK(queue.dropped() == 0);
  queue.pop_refused(1);
  CHECK(queue.dropped() == 1);
  queue.pop_refused(5);
  CHECK(queue.dropped() == 2);
  CHECK(queue.empty());
}
