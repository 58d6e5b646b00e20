// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/frame.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/sha256_of.hpp"
#include "cli/json_view.hpp"
#include "report/style.hpp"

namespace tocsin::report {
namespace {

// Nothing may be loaded or run, and only this very style sheet counts.
std::string policy() {
  const auto digest = sha256_of(kStyleSheet);
  std::array<unsigned char, 4 * ((Sha256::kBytes + 2) / 3) + 1> text{};
  EVP_EncodeBlock(text.data(), digest.bytes.data(), static_cast<int>(digest.bytes.size()));
  return fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action "
      "'none'",
      reinterpret_cast<const char*>(text.data()));
}

constexpr double kBreakTimes = 8;  // as long as the median distance: the axis is broken

double median_distance(const std::vector<Moment>& moments) {
  std::vector<double> distances;
  for (std::size_t i = 1; i < moments.size(); ++i)
    distances.push_back(moments[i].at_s - moments[i - 1].at_s);
  std::ranges::sort(distances);
  return distances.empty() ? 0 : distances[distances.size() / 2];
}

}  // namespace

void begin_page(Html& page, std::string_view title) {
  page.own("<!DOCTYPE html>\n");
  page.open("html", {{"lang", "en"}}).open("head");
  page.empty("meta", {{"charset", "utf-8"}});
  page.empty("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy()}});
  page.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  page.empty("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  page.empty("meta", {{"name", "referrer"}, {"content", "no-referrer"}});
  page.leaf("title", title);
  page.open("style").own(kStyleSheet).close().close();
  page.open("body").open("main");
}

void end_page(Html& page, const PageFacts& facts, double now_s) {
  page.open("footer");
  page.leaf(
      "p", fmt::format("Made by tocsin {} on {} (local time of this host, {}), from {}.",
                       facts.version, cli::date_time(now_s), cli::utc_offset(now_s), facts.source));
  page.leaf("p",
            "This page holds no script and loads nothing. Names and addresses are written so that "
            "they do not become links; invisible characters are shown as \\x and \\u.");
  page.close();
  page.close().close().close();
}

void open_section(Html& page, std::string_view heading) {
  page.open("section").leaf("h2", heading);
}

void close_section(Html& page) {
  page.close();
}

void severity_chip(Html& page, std::string_view severity) {
  static constexpr std::array<std::string_view, 5> kKnown = {"info", "low", "medium", "high",
                                                             "critical"};
  const bool known = std::ranges::find(kKnown, severity) != kKnown.end();
  page.leaf("span", {{"class", "chip " + std::string(known ? severity : "info")}},
            severity.empty() ? "unrated" : severity);
}

void fact(Html& page, std::string_view label, std::string_view value, Face face) {
  if (value.empty()) return;
  page.leaf("dt", label).open("dd");
  if (face == Face::kCode)
    page.leaf("code", value);
  else
    page.text(value, limits::kReportLongTextBytesMax);
  page.close();
}

void command_line(Html& page, std::string_view why, std::string_view command) {
  page.open("div", {{"class", "step"}}).leaf("p", why);
  if (!command.empty()) page.open("pre").leaf("code", command).close();
  page.close();
}

void time_line(Html& page, std::vector<Moment> moments) {
  std::ranges::stable_sort(moments, {}, &Moment::at_s);
  const double usual = std::max(median_distance(moments), 60.0);
  page.open("ol", {{"class", "time"}});
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto& moment = moments[i];
    const double distance = i == 0 ? 0 : moment.at_s - moments[i - 1].at_s;
    if (distance >= 1) {
      const bool broken = distance > kBreakTimes * usual;
      page.open("li", {{"class", broken ? "later broken" : "later"}});
      if (broken)
        page.open("svg", {{"viewBox", "0 0 12 28"}, {"aria-hidden", "true"}})
            .empty("path", {{"d", "M6 0V8L1 11L11 17L6 20V28"}})
            .close();
      page.text(span_words(distance) + " later").close();
    }
    page.open("li", {{"class", moment.loud ? "loud" : "event"}});
    page.leaf("time", cli::date_time(moment.at_s)).leaf("b", moment.what);
    if (!moment.detail.empty()) page.leaf("span", moment.detail);
    page.close();
  }
  page.close();
}

}  // namespace tocsin::report
