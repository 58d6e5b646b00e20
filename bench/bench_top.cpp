// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the live view costs for itself: taking one event line, and drawing one screen.
#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "top/model.hpp"
#include "top/view.hpp"

using namespace tocsin::top;

namespace {

constexpr int kLines = 100'000;
constexpr int kScreens = 400;
constexpr double kEventsASecond = 10'000;
constexpr double kScreensASecond = 4;

// Of this process: the machine's other work does not count.
double cpu_us() {
  return 1e6 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// As a daemon writes them: of an exec and of a contact, programs programs in turn.
std::vector<std::string> lines(int programs) {
  std::vector<std::string> out;
  for (int i = 0; i < programs; ++i) {
    out.push_back(fmt::format(
        R"({{"ts":1764504000.123,"kind":"exec","pid":{0},"start":1764503990.5,"ppid":977,)"
        R"("uid":0,"gid":0,"euid":0,"loginuid":1000,"session":3,"tty":"pts/3","stdin":"pty",)"
        R"("path":"/usr/bin/program{0}","comm":"program{0}","cwd":"/root",)"
        R"("argv":["program{0}","-c","one two"],"sha256":"{1}","hash_source":"proc-exe",)"
        R"("package":"coreutils","package_version":"9.1-1","package_manager":"dpkg",)"
        R"("package_intact":true,"flags":[]}})",
        i, std::string(64, "0123456789abcdef"[i % 16])));
    out.push_back(fmt::format(
        R"({{"ts":1764504000.123,"kind":"connect","pid":{0},"start":1764503990.5,"uid":0,)"
        R"("comm":"program{0}","proto":"tcp","addr":"192.0.2.{1}","port":443,"result":"ok",)"
        R"("host":"name{0}.example","host_source":"own-dns","host_age":0.2}})",
        i, i % 250));
  }
  return out;
}

}  // namespace

int main() {
  Model model;
  View view(model);
  const auto events = lines(1000);  // more than are kept: rows come and go
  double begin = cpu_us();
  for (int i = 0; i < kLines; ++i)
    model.on_event(events[static_cast<std::size_t>(i) % events.size()]);
  const double event_us = (cpu_us() - begin) / kLines;
  begin = cpu_us();
  std::size_t seen = 0;
  for (int i = 0; i < kScreens; ++i) seen += view.draw({132, 50}, 1.7e9).size();
  const double draw_us = (cpu_us() - begin) / kScreens;
  fmt::print("an event line   {:8.1f} us: {:.1f} % of a processor at {:.0f} a second\n", event_us,
             event_us * kEventsASecond / 1e4, kEventsASecond);
  fmt::print("a screen        {:8.1f} us: {:.1f} % at {:.0f} a second (132 by 50, {} lines)\n",
             draw_us, draw_us * kScreensASecond / 1e4, kScreensASecond, seen / kScreens);
  return 0;
}
