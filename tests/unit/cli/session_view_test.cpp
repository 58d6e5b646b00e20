// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/session_view.hpp"

#include "cli/user_filter.hpp"
#include "support/alert_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using nlohmann::json;

TEST_CASE("a session says who, where from, what was started and contacted", "[cli][session]") {
  const json session = {
      {"user", "alice"},
      {"from", {{"addr", "198.51.100.9"}, {"port", 50122}}},
      {"entry", "sshd"},
      {"entry_pid", 812},
      {"tty", "pts3"},
      {"id", 7},
      {"since", 1.7e9},
      {"ended", 1.7e9 + 60},
      {"programs",
       {{{"path", "/bin/bash"}, {"count", 1}}, {{"path", "/usr/bin/curl\x1b"}, {"count", 3}}}},
      {"other_programs", 4},
      {"contacts", json::array({json{{"destination", "192.0.2.1:443"}, {"count", 2}}})}};
  const auto lines = cli::session_lines(session, cli::Output(false));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].find("alice from 198.51.100.9 port 50122 by sshd(812) on pts3  session 7") !=
        std::string::npos);
  CHECK(lines[0].find("ended") != std::string::npos);
  CHECK(lines[1] == "    started    /usr/bin/curl\\x1b (3x), /bin/bash, and 4 times others");
  CHECK(lines[2] == "    contacted  192.0.2.1:443 (2x)");
}

TEST_CASE("a session of unexpected shape does no harm", "[cli][session]") {
  for (const auto* text : {"{}", R"({"from":7,"programs":{},"since":"x","contacts":[7,null]})"})
    CHECK_NOTHROW(cli::session_lines(json::parse(text), cli::Output(false)));
}

TEST_CASE("alerts are picked by who logged in, not only by who they run as", "[cli][session]") {
  const auto alert =
      json::parse(test::sample_rendered(test::sample_alert(AlertKind::kModuleHash))->json);
  CHECK(cli::alert_is_about_user(alert, "root"));  // runs as
  CHECK(cli::alert_is_about_user(alert, "0"));
  CHECK(cli::alert_is_about_user(alert, "alice"));
  CHECK(cli::alert_is_about_user(alert, "1000"));
  CHECK_FALSE(cli::alert_is_about_user(alert, "bob"));
  CHECK_FALSE(cli::alert_is_about_user(json::parse("[]"), "bob"));
}
