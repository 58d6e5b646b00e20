// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What was raised in a period: how much of it, one line each, and what could not be seen.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "base/counted.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"
#include "cli/json_view.hpp"
#include "report/frame.hpp"
#include "report/page.hpp"
#include "report/sections.hpp"

namespace tocsin::report {
namespace {

using cli::date_time;
using cli::number_at;
using cli::text_at;
using nlohmann::json;

constexpr std::array<std::string_view, 5> kSeverities = {"critical", "high", "medium", "low",
                                                         "info"};

std::size_t rank_of(std::string_view severity) {
  return static_cast<std::size_t>(std::ranges::find(kSeverities, severity) - kSeverities.begin());
}

std::size_t rank(const json& alert) {
  return rank_of(text_at(alert, "/tocsin/severity", 16));
}

using BySeverity = std::array<std::uint64_t, kSeverities.size() + 1>;

BySeverity left_out(const Period& period) {
  BySeverity out{};
  for (const auto& [severity, count] : period.left_out) out[rank_of(severity)] += count;
  return out;
}

std::uint64_t total(const Period& period) {
  const auto left = left_out(period);
  return std::accumulate(left.begin(), left.end(), std::uint64_t{period.alerts.size()});
}

std::string in_words(const BySeverity& by) {
  std::string out;
  for (std::size_t i = 0; i < kSeverities.size(); ++i)
    if (by[i] > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", by[i], kSeverities[i]);
  return out;
}

std::string counts(const Period& period) {
  auto by = left_out(period);
  for (const auto& alert : period.alerts) ++by[rank(alert)];
  return in_words(by);
}

void show_verdict(Html& page, const Period& period) {
  page.open("section", {{"class", "verdict"}}).leaf("h2", "Verdict").open("dl");
  fact(page, "Period",
       fmt::format("{} to {}", date_time(period.since_s),
                   date_time(period.until_s > 0 ? period.until_s : period.now_s)));
  fact(page, "What happened",
       period.alerts.empty()
           ? std::string("No alert was raised. What that is worth stands below.")
           : fmt::format("{}: {}.", counted(total(period), "alert"), counts(period)));
  page.close();
  close_section(page);
}

void alert_row(Html& page, const json& alert) {
  page.open("tr").leaf("td", {{"class", "when"}},
                       date_time(number_at(alert, "/tocsin/time").value_or(0)));
  page.open("td");
  severity_chip(page, text_at(alert, "/tocsin/severity", 16));
  page.close().open("td").text(title_of(alert));
  page.open("div", {{"class", "note"}}).text(text_at(alert, "/rule/name", 120) + " · ");
  page.leaf("code", text_at(alert, "/event/id", 40)).close().close().close();
}

void show_alerts(Html& page, const Period& period) {
  if (period.alerts.empty()) return;
  std::vector<const json*> loudest;
  for (const auto& alert : period.alerts) loudest.push_back(&alert);
  std::ranges::stable_sort(loudest, [](const json* a, const json* b) {
    return std::pair(rank(*a), -number_at(*a, "/tocsin/time").value_or(0)) <
           std::pair(rank(*b), -number_at(*b, "/tocsin/time").value_or(0));
  });
  open_section(page, "Alerts, the loudest first");
  page.open("div", {{"class", "scroll"}}).open("table").open("tr").leaf("th", "when");
  page.leaf("th", "severity").leaf("th", "what").close();
  std::size_t shown = 0;
  for (; shown < std::min(loudest.size(), limits::kReportAlertsMax) && page.roomy(); ++shown)
    alert_row(page, *loudest[shown]);
  page.close().close();
  if (const auto more = total(period) - shown; more > 0)
    page.leaf("p", {{"class", "note"}},
              fmt::format("and {} more, none louder than the last one here", more));
  close_section(page);
}

void show_beacons(Html& page, const Period& period) {
  if (period.beacons.empty()) return;
  open_section(page, "Who calls where how regularly");
  page.leaf("p", {{"class", "note"}},
            fmt::format("What the daemon judges now, at {}, over the days that it remembers{}.",
                        date_time(period.now_s),
                        period.until_s > 0 ? ": not only in the period of this page" : ""));
  page.open("div", {{"class", "scroll"}}).open("table").open("tr").leaf("th", "program");
  page.leaf("th", "destination").leaf("th", "every");
  page.leaf("th", {{"class", "number"}}, "times")
      .leaf("th", {{"class", "number"}}, "likely")
      .close();
  for (std::size_t i = 0; i < std::min(period.beacons.size(), limits::kReportRowsMax); ++i) {
    const auto& beacon = period.beacons[i];
    page.open("tr")
        .open("td")
        .leaf("code", unlinked(text_at(beacon, "/subject/path", 200)))
        .close();
    page.leaf("td", defanged(text_at(beacon, "/destination", 255)));
    page.leaf("td", period_words(beacon));
    page.leaf("td", {{"class", "number"}}, text_at(beacon, "/contacts", 12));
    page.leaf("td", {{"class", "number"}},
              whole_percent(number_at(beacon, "/probability").value_or(0)))
        .close();
  }
  page.close().close();
  close_section(page);
}

void show_rest(Html& page, const Period& period) {
  open_section(page, "What the sensor could not see");
  page.open("ul", {{"class", "plain"}});
  const Material material{json::object(), json{{"coverage", period.coverage}}, period.now_s};
  if (!period.coverage.is_object())
    page.leaf("li", "The history could not be asked: what was missed is not known.");
  else
    for (const auto& spot : blind_spots(material)) page.leaf("li", spot);
  page.close();
  close_section(page);
  open_section(page, "What to do next");
  if (!period.alerts.empty())
    command_line(page, "One alert with its whole evidence, for somebody without access",
                 fmt::format("tocsin report ALERT{} -o alert.html", asked_there(period.state_dir)));
  command_line(page, "Ask whether this host was hit by what somebody has published",
               "tocsin hunt --file advisory.html" + asked_there(period.state_dir));
  close_section(page);
}

}  // namespace

std::string period_page(const Period& period, const PageFacts& facts) {
  Html page;
  const auto host = period.alerts.empty() ? printable(period.host, 64)
                                          : text_at(period.alerts.back(), "/host/name", 64);
  begin_page(page, "tocsin: what was raised");
  page.open("header").leaf("p", {{"class", "kicker"}},
                           host.empty() ? "tocsin · a host whose name is not known"
                                        : fmt::format("tocsin · host {}", host));
  page.leaf("h1", period.alerts.empty() ? "Nothing was raised" : counted(total(period), "alert"))
      .close();
  show_verdict(page, period);
  show_alerts(page, period);
  show_beacons(page, period);
  show_rest(page, period);
  end_page(page, facts, period.now_s);
  return page.take();
}

}  // namespace tocsin::report
