// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/feed_view.hpp"

#include "cli/columns.hpp"
#include "support/test.hpp"

using namespace tocsin::cli;
using nlohmann::json;

namespace {

json answer() {
  return {{"relay", true},
          {"feeds",
           {{{"name", "cert"}, {"state", "ok"}, {"indicators", 12}, {"last_try", 1'000.0}},
            {{"name", "new"}, {"state", "pending"}, {"indicators", 0}},
            {{"name", "feeds.toml"},
             {"state", "fault"},
             {"message",
              "/etc/tocsin/feeds.toml:7:1: interval: a span is expected, and then a "
              "word or two more, so that it fits no line"}}}}};
}

// What a terminal shows of it.
std::string without_paint(std::string text) {
  for (auto at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b'))
    text.erase(at, text.find('m', at) - at + 1);
  return text;
}

}  // namespace

TEST_CASE("a fault of feeds.toml is nothing to wait for", "[cli]") {
  auto feeds = answer();
  CHECK(update_state(feeds, "cert", 900) == UpdateState::kFinished);
  CHECK(update_state(feeds, "cert", 1'100) == UpdateState::kRunning);
  CHECK(update_state(feeds, "", 900) == UpdateState::kRunning);  // for "new"
  feeds["feeds"][1]["last_try"] = 1'000.0;
  CHECK(update_state(feeds, "", 900) == UpdateState::kFinished);
  CHECK(update_state(feeds, "broken", 900) == UpdateState::kNoSuchFeed);
  CHECK(update_state(feeds, "feeds.toml", 900) == UpdateState::kNoSuchFeed);
  CHECK(update_state(json::object(), "", 900) == UpdateState::kFinished);
  CHECK_FALSE(feeds_in_order(feeds, "cert"));  // the fault may hide it
  feeds["feeds"].erase(2);
  CHECK(feeds_in_order(feeds, "cert"));
  CHECK_FALSE(feeds_in_order(feeds, ""));
}

TEST_CASE("feeds stand in columns, on a terminal too, and within 80", "[cli]") {
  const auto plain = feed_lines(answer(), "", Output::plain());
  const auto painted = feed_lines(answer(), "", Output::painted());
  REQUIRE(plain.size() == painted.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    CHECK(without_paint(painted[i]) == plain[i]);
    CHECK(columns_of(plain[i]) <= kColumns);
  }
  CHECK(painted[0] != plain[0]);
  CHECK(plain[0].find("ok") == plain[1].find("pending"));
  CHECK(plain[1].find("never fetched") != std::string::npos);
  CHECK(plain[2].find("never fetched") == std::string::npos);
  REQUIRE(plain.size() == 5);
  CHECK(plain[3].starts_with("      /etc/tocsin/feeds.toml:7:1: interval"));
  const auto one = feed_lines(answer(), "cert", Output::plain());
  CHECK(one.size() == 4);  // and the fault
}
