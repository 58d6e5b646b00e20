// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/view.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>

#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::top;
using nlohmann::json;

namespace {

constexpr double kNow = 1'764'504'000;  // 2025-11-30 12:00:00 UTC

void program(Model& model, const std::string& path, double ago, const std::string& package) {
  model.on_event(json{
      {"ts", kNow - ago},
      {"kind", "exec"},
      {"pid", 7},
      {"uid", 1000},
      {"path", path},
      {"sha256", std::string(64, 'a')},
      {"package",
       package}}.dump());
}

void fill(Model& model) {
  program(model, "/usr/bin/curl", 30, "curl");
  program(model, "/tmp/.x/payload", 20, "");
  model.on_event(json{
      {"ts", kNow - 10},
      {"kind", "connect"},
      {"addr", "192.0.2.1"},
      {"port", 443},
      {"comm", "curl"},
      {"host", "c2.example"},
      {"host_source", "own-dns"},
      {"result",
       "ok"}}.dump());
  model.on_alert(json{{"event", {{"id", "01A"}}},
                      {"message", "evil was executed"},
                      {"tocsin", {{"time", kNow - 5}, {"severity", "critical"}}}}
                     .dump());
  model.on_beacons({{{"subject", {{"path", "/usr/bin/evil"}, {"sha256", nullptr}}},
                     {"destination", "c2.example"},
                     {"port", 443},
                     {"score", 0.9},
                     {"timing", 1},
                     {"period_s", 60},
                     {"jitter", 0.02},
                     {"probability", 0.93},
                     {"verdict", "alert"},
                     {"contacts", 334}}});
  model.on_intervals(model.beacons()[0].key, {{60, 60, 30}, 334, ""});
}

std::string shown(const Screen& screen) {
  std::string out;
  for (const auto& line : screen) out += line.text() + "\n";
  return out;
}

bool has(const Screen& screen, std::string_view text) {
  return shown(screen).find(text) != std::string::npos;
}

Key character(char c) {
  return {KeyName::kCharacter, c};
}

std::string reversed(const Screen& screen) {
  for (std::size_t i = 0; i + 1 < screen.size(); ++i)  // the last is the footer
    if (screen[i].reversed) return screen[i].text();
  return {};
}

void use_utc() {
  setenv("TZ", "UTC", 1);
  tzset();
}

}  // namespace

TEST_CASE("no screen is wider or longer than the terminal", "[top]") {
  Model model;
  fill(model);
  program(model, "/tmp/日本語/\u202e\x1b[2J" + std::string(300, 'x'), 1, "日本語");
  View view(model);
  for (const char pane : {'1', '2', '3', '4', '?'}) {
    view.press(character(pane));
    for (std::size_t columns = 1; columns < 200; columns += 7)
      for (std::size_t rows = 1; rows < 70; rows += 3) {
        const auto screen = view.draw({columns, rows}, kNow);
        REQUIRE(screen.size() == rows);
        for (const auto& line : screen) {
          INFO(columns << " x " << rows << ": " << line.text());
          REQUIRE(cells_of(line.text()) <= columns);
          REQUIRE(line.text().find('\x1b') == std::string::npos);
        }
      }
  }
}

TEST_CASE("80 by 24 shows one list, a high terminal all four", "[top]") {
  use_utc();
  Model model;
  fill(model);
  View view(model);
  auto screen = view.draw({80, 24}, kNow);
  INFO(shown(screen));
  CHECK(has(screen, "[1 Programs]"));
  CHECK(has(screen, "11:59:40      1 1000     no package         aaaaaaaaaaaa   /tmp/.x/payload"));
  CHECK_FALSE(has(screen, "c2.example"));
  view.press({KeyName::kTab});
  screen = view.draw({80, 24}, kNow);
  CHECK(has(screen, "own-dns       ok         c2.example:443 (192.0"));
  view.press(character('3'));
  screen = view.draw({100, 24}, kNow);
  CHECK(has(screen, "0.90   93 % alert    60 s ±2 %      ██▅                  /usr/bin/evil → c2"));
  screen = view.draw({120, 50}, kNow);
  INFO(shown(screen));
  for (const auto* text : {"/tmp/.x/payload", "own-dns", "██▅", "evil was executed"})
    CHECK(has(screen, text));
}

TEST_CASE("40 by 10 still says what matters", "[top]") {
  use_utc();
  Model model;
  fill(model);
  View view(model);
  const auto screen = view.draw({40, 10}, kNow);
  INFO(shown(screen));
  CHECK(has(screen, "[1 Programs]"));
  CHECK(has(screen, "no package"));
  CHECK(has(screen, "/tmp/.x/payload"));
  CHECK(has(screen, "q quit"));
  CHECK(has(view.draw({23, 10}, kNow), "too small"));
}

TEST_CASE("the selected row stays while others come, the first is whichever it is", "[top]") {
  Model model;
  for (int i = 0; i < 40; ++i) program(model, fmt::format("/bin/p{:02}", i), 100 - i, "");
  View view(model);
  CHECK(reversed(view.draw({80, 24}, kNow)).find("/bin/p39") != std::string::npos);
  program(model, "/bin/new", 1, "");
  CHECK(reversed(view.draw({80, 24}, kNow)).find("/bin/new") != std::string::npos);
  view.press({KeyName::kDown});
  view.press(character('j'));
  CHECK(reversed(view.draw({80, 24}, kNow)).find("/bin/p38") != std::string::npos);
  program(model, "/bin/newer", 1, "");
  CHECK(reversed(view.draw({80, 24}, kNow)).find("/bin/p38") != std::string::npos);
  view.press({KeyName::kEnd});
  CHECK(reversed(view.draw({80, 24}, kNow)).find("/bin/p00") != std::string::npos);
  view.press({KeyName::kPageUp});
  CHECK(reversed(view.draw({80, 24}, kNow)).find("/bin/p1") != std::string::npos);
  view.press({KeyName::kHome});
  CHECK(reversed(view.draw({80, 24}, kNow)).find("/bin/newer") != std::string::npos);
}

TEST_CASE("rows are filtered and sorted by keys", "[top]") {
  Model model;
  fill(model);
  View view(model);
  for (const char c : std::string("/PAYL")) view.press(character(c));
  auto screen = view.draw({80, 24}, kNow);
  CHECK(has(screen, "/PAYL_"));
  CHECK(has(screen, "/tmp/.x/payload"));
  CHECK_FALSE(has(screen, "/usr/bin/curl"));
  view.press({KeyName::kEnter});
  screen = view.draw({80, 24}, kNow);
  CHECK(has(screen, "filter: PAYL"));
  view.press({KeyName::kEscape});
  CHECK(has(view.draw({80, 24}, kNow), "/usr/bin/curl"));
  const auto sorted_by_name = [&] {
    const auto text = shown(view.draw({80, 24}, kNow));
    return text.find("/tmp/.x/payload") < text.find("/usr/bin/curl");
  };
  program(model, "/usr/bin/curl", 1, "curl");
  for (int i = 0; i < 2; ++i) view.press(character('s'));
  CHECK(has(view.draw({80, 24}, kNow), "most often"));
  CHECK_FALSE(sorted_by_name());
  view.press(character('s'));
  CHECK(sorted_by_name());
}

TEST_CASE("Enter wishes for the row, and a page is turned and left", "[top]") {
  Model model;
  fill(model);
  View view(model);
  view.press(character('4'));
  view.press({KeyName::kEnter});
  const auto wish = view.take_wish();
  REQUIRE(wish);
  CHECK(wish->pane == Pane::kAlerts);
  CHECK(wish->key == "01A");
  CHECK_FALSE(view.take_wish());
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i) lines.push_back(fmt::format("line {:03}", i));
  view.open_page("Alert 01A", {"asking"});
  view.fill_page("Alert of before", {"wrong"});
  CHECK(has(view.draw({80, 24}, kNow), "asking"));
  view.fill_page("Alert 01A", lines);
  CHECK(has(view.draw({80, 24}, kNow), "1 to 22 of 100 lines"));
  view.press({KeyName::kPageDown});
  CHECK(has(view.draw({80, 24}, kNow), "line 030"));
  view.press({KeyName::kEnd});
  CHECK(has(view.draw({80, 24}, kNow), "line 099"));
  CHECK(has(view.draw({80, 90}, kNow), "line 099"));  // grown meanwhile
  view.press({KeyName::kEscape});
  CHECK(has(view.draw({80, 24}, kNow), "[4 Alerts]"));
  view.fill_page("Alert 01A", {"belated"});
  CHECK_FALSE(has(view.draw({80, 24}, kNow), "belated"));
  view.press(character('q'));
  CHECK(view.quit());
}

TEST_CASE("trouble, a pause and what was missed stand at the top", "[top]") {
  Model model;
  fill(model);
  View view(model);
  view.press(character('p'));
  CHECK(model.held());
  CHECK(has(view.draw({80, 24}, kNow), "PAUSED"));
  view.press(character('p'));
  model.set_trouble("no daemon since 12:00:00, trying again: gone");
  for (const Size size : {Size{80, 24}, Size{60, 10}, Size{120, 50}})
    CHECK(has(view.draw(size, kNow), "no daemon since 12:00:00"));
  model.on_stream_loss(12);
  model.on_status({{"pid", 1}, {"uptime_s", 5}});
  CHECK(has(view.draw({80, 24}, kNow), "this view missed 12"));
}
