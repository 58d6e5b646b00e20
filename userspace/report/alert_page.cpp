// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The page of one alert: each section is a function, in the order of the page.
#include <fmt/format.h>

#include <algorithm>

#include "cli/json_view.hpp"
#include "report/frame.hpp"
#include "report/incident.hpp"
#include "report/page.hpp"
#include "report/plots.hpp"
#include "report/sections.hpp"

namespace tocsin::report {
namespace {

using cli::find_at;
using cli::text_at;

void show_header(Html& page, const Material& material) {
  const auto& alert = material.alert;
  page.open("header");
  page.open("p", {{"class", "kicker"}});
  const auto host = text_at(alert, "/host/name", 64);  // none in what a replay left
  page.text(fmt::format("tocsin{} · alert {}", host.empty() ? "" : " · host " + host,
                        text_at(alert, "/event/id", 40)));
  page.close();
  page.leaf("h1", title_of(alert));
  page.open("p");
  severity_chip(page, text_at(alert, "/tocsin/severity", 16));
  page.text(" " + text_at(alert, "/rule/name", 120));
  if (cli::flag_at(alert, "/tocsin/self_test"))
    page.text(" · made by a harmless action of tocsin's own");
  page.close().close();
}

void show_verdict(Html& page, const Material& material) {
  const auto verdict = verdict_of(material);
  page.open("section", {{"class", "verdict"}}).leaf("h2", "Verdict").open("dl");
  fact(page, "What happened", unlinked(defanged_in(verdict.what, material.alert)));
  fact(page, "Who", verdict.who);
  fact(page, "Since when", verdict.since);
  fact(page, "How sure", unlinked(defanged_in(verdict.sure, material.alert)));
  fact(page, "Still running?", verdict.running);
  fact(page, "What tocsin did", verdict.response);
  page.close();
  close_section(page);
}

void show_incident(Html& page, const nlohmann::json& alert) {
  const auto incident = incident_of(alert);
  if (incident.steps.empty()) return;
  open_section(page, "What happened below it, step by step");
  page.open("div", {{"class", "scroll"}}).open("table").open("tr").leaf("th", "when");
  page.leaf("th", "what").leaf("th", "command").close();
  for (const auto& step : incident.steps) {
    page.open("tr").leaf("td", {{"class", "when"}}, cli::date_time(step.time_s));
    page.leaf("td", step.what).open("td").leaf("code", unlinked(step.command)).close().close();
  }
  page.close().close();
  if (incident.left_out > 0)
    page.leaf("p", {{"class", "note"}}, fmt::format("and {} more", incident.left_out));
  close_section(page);
}

void show_steps(Html& page, const Material& material) {
  open_section(page, "What to do next");
  for (const auto& step : next_steps(material)) command_line(page, step.why, step.command);
  close_section(page);
}

void show_blind_spots(Html& page, const Material& material) {
  open_section(page, "What the sensor could not see");
  page.open("ul", {{"class", "plain"}});
  auto spots = blind_spots(material);
  if (spots.size() > limits::kReportRowsMax) spots.resize(limits::kReportRowsMax);
  for (const auto& spot : spots) page.leaf("li", spot);
  page.close();
  close_section(page);
}

}  // namespace

std::string alert_page(const Material& material, const PageFacts& facts) {
  Html page;
  begin_page(page, fmt::format("tocsin: {}", title_of(material.alert)));
  show_header(page, material);
  show_verdict(page, material);
  show_time_line(page, material);
  show_incident(page, material.alert);
  show_process_tree(page, material.alert);
  if (const auto* beacon = find_at(material.alert, "/tocsin/beacon"))
    show_beacon(page, material, *beacon);
  show_indicators(page, material.alert);
  show_content(page, material.alert);
  show_network(page, material.alert);
  show_neighbours(page, material);
  show_blind_spots(page, material);
  show_steps(page, material);
  end_page(page, facts, material.now_s);
  return page.take();
}

}  // namespace tocsin::report
