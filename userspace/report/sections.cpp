// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/counted.hpp"
#include "base/percent.hpp"
#include "beacon/contact.hpp"
#include "cli/json_view.hpp"
#include "cli/session_view.hpp"
#include "report/frame.hpp"
#include "report/plots.hpp"

namespace tocsin::report {

using cli::count_at;
using cli::date_time;
using cli::find_at;
using cli::flag_at;
using cli::joined_at;
using cli::number_at;
using cli::text_at;
using nlohmann::json;

namespace {

constexpr std::size_t kPathShown = 200;
constexpr std::size_t kHostShown = 255;
constexpr std::size_t kAncestorsMax = 16;
constexpr double kGroupMost = 5;  // the cap of the strongest group of evidence, log odds

std::span<const json> list_at(const json& object, const char* path) {
  const auto* list = find_at(object, path);
  if (list == nullptr || !list->is_array()) return {};
  const auto& all = list->get_ref<const json::array_t&>();
  return std::span(all).first(std::min(all.size(), limits::kReportRowsMax));
}

// ---- Time line

// Ancestors that say how it came about: a login, a service's supervisor, a timer.
bool is_telling(std::string_view path) {
  static const std::set<std::string_view> kTelling = {"sshd",  "login",   "su",   "sudo", "cron",
                                                      "crond", "systemd", "runc", "atd",  "xinetd"};
  return kTelling.contains(path.substr(path.rfind('/') + 1));
}

void add_lineage(const json& alert, std::vector<Moment>& out) {
  const auto lineage = list_at(alert, "/tocsin/lineage");
  for (std::size_t i = lineage.size(); i-- > 0;) {  // eldest first
    const auto start = number_at(lineage[i], "/start");
    const auto path = text_at(lineage[i], "/path", kPathShown);
    const auto pid = count_at(lineage[i], "/pid");
    if (!start || pid == 1 || (i > 0 && !is_telling(path))) continue;
    out.push_back({*start, i == 0 ? "The process was started" : "It came from",
                   fmt::format("{} (pid {})", path, pid), false});
  }
}

void add_versions(const json& around, std::vector<Moment>& out) {
  const auto versions = list_at(around, "/versions");
  const auto first_of = [](const json& version) {
    return number_at(version, "/first").value_or(0);
  };
  // They come by when they ran last; two may have run side by side.
  double begin = 0;
  for (const auto& version : versions)
    begin = begin > 0 ? std::min(begin, first_of(version)) : first_of(version);
  for (std::size_t i = 0; i < std::min<std::size_t>(versions.size(), 4); ++i) {
    const bool eldest = first_of(versions[i]) <= begin;
    out.push_back({first_of(versions[i]),
                   eldest ? "The program was first seen" : "The program was changed",
                   "content " + text_at(versions[i], "/sha256", 16), !eldest});
  }
}

void add_beacon(const json& alert, const json& beacon, std::vector<Moment>& out) {
  out.push_back({number_at(beacon, "/first").value_or(0), "First contact",
                 defanged(destination_of(alert)), true});
  static constexpr std::array<std::pair<const char*, const char*>, 3> kLevels = {
      {{"notice", "Remarkable for the first time"},
       {"alert", "The alert level was reached"},
       {"critical", "The critical level was reached"}}};
  for (const auto& [level, words] : kLevels) {
    const auto at = number_at(beacon, fmt::format("/crossed/{}/ts", level).c_str());
    if (at)
      out.push_back(
          {*at, words,
           "at contact " + text_at(beacon, fmt::format("/crossed/{}/episode", level).c_str(), 12),
           true});
  }
}

// ---- Process tree

void badges(Html& page, const json& process) {
  if (const auto sha = text_at(process, "/sha256", 12); !sha.empty())
    page.leaf("span", {{"class", "badge"}}, sha);
  if (flag_at(process, "/exited")) page.leaf("span", {{"class", "badge"}}, "has ended");
  if (const auto container = text_at(process, "/container", 12); !container.empty())
    page.leaf("span", {{"class", "badge warn"}}, "container " + container);
}

void subject_badges(Html& page, const json& alert) {
  for (const auto& flag : list_at(alert, "/tocsin/flags"))
    if (flag.is_string())
      page.leaf("span", {{"class", "badge warn"}}, flag.get_ref<const std::string&>());
  if (find_at(alert, "/tocsin/hash/miss") != nullptr)
    page.leaf("span", {{"class", "badge bad"}}, "not hashed");
  const auto* packaged = find_at(alert, "/tocsin/packaged");
  if (packaged != nullptr && packaged->is_boolean())
    page.leaf("span", {{"class", packaged->get<bool>() ? "badge good" : "badge warn"}},
              packaged->get<bool>() ? "packaged" : "no package");
  if (const auto* intact = find_at(alert, "/tocsin/package_intact");
      intact != nullptr && intact->is_boolean() && !intact->get<bool>())
    page.leaf("span", {{"class", "badge bad"}}, "differs from its package");
  if (!list_at(alert, "/tocsin/indicator").empty())
    page.leaf("span", {{"class", "badge bad"}}, "indicator");
}

void show_modules(Html& page, const json& alert) {
  const auto one = [&](const json& module, bool matched) {
    page.open("li").open("div").leaf("code", text_at(module, "/path", kPathShown));
    if (const auto sha = text_at(module, "/sha256", 12); !sha.empty())
      page.leaf("span", {{"class", "badge"}}, sha);
    if (matched) page.leaf("span", {{"class", "badge bad"}}, "indicator");
    page.close().leaf("small", "mapped library").close();
  };
  const auto* matched = find_at(alert, "/tocsin/module");
  const auto modules = list_at(alert, "/tocsin/modules");
  if (matched == nullptr && modules.empty()) return;
  page.open("ul");
  if (matched != nullptr) one(*matched, true);
  for (const auto& module : modules)
    if (page.roomy()) one(module, false);
  page.close();
}

void tree_level(Html& page, const json& alert, std::span<const json> lineage) {
  if (lineage.empty()) return;
  const auto& process = lineage.back();
  const bool subject = lineage.size() == 1;
  auto name = text_at(process, "/path", kPathShown);
  if (name.empty()) name = text_at(process, "/comm", 64);
  page.open("ul").open("li", {{"class", subject ? "subject" : "ancestor"}}).open("div");
  page.leaf("code", name.empty() ? "(unknown)" : name);
  badges(page, process);
  if (subject) subject_badges(page, alert);
  page.close();
  std::string line = "pid " + text_at(process, "/pid", 12);
  if (const auto user = text_at(process, "/user", 64); !user.empty()) line += ", user " + user;
  if (const auto tty = text_at(process, "/tty", 32); !tty.empty()) line += ", " + tty;
  if (const auto start = number_at(process, "/start")) line += ", since " + date_time(*start);
  if (const auto script = text_at(process, "/script", kPathShown); !script.empty())
    line += ", runs " + script;
  page.leaf("small", unlinked(line));
  const auto args =
      subject ? joined_at(alert, "/process/args", " ", 600) : joined_at(process, "/args", " ", 300);
  if (!args.empty() && args != name) page.open("small").leaf("code", unlinked(args)).close();
  if (subject)
    show_modules(page, alert);
  else
    tree_level(page, alert, lineage.first(lineage.size() - 1));
  page.close().close();
}

// The login and the container that the process belongs to.
void show_surroundings(Html& page, const json& alert) {
  const auto* session = find_at(alert, "/tocsin/session");
  const auto id = text_at(alert, "/container/id", 64);
  if (session == nullptr && id.empty()) return;
  page.open("dl");
  if (session != nullptr) {
    fact(page, "logged in", cli::session_origin(*session));
    fact(page, "then", joined_at(*session, "/through", ", "));
    fact(page, "session", text_at(*session, "/id", 20));
  }
  fact(page, "container", id, Face::kCode);
  fact(page, "named", text_at(alert, "/container/name", 128));
  fact(page, "not named because", text_at(alert, "/tocsin/container/unnamed_because", 200));
  fact(page, "image", text_at(alert, "/container/image/name", 200));
  fact(page, "pod", text_at(alert, "/orchestrator/resource/name", 128));
  fact(page, "namespace", text_at(alert, "/orchestrator/namespace", 128));
  page.close();
}

void neighbour_table(Html& page, std::string_view what, std::span<const json> rows, bool hosts) {
  page.open("div", {{"class", "scroll"}}).open("table", {{"class", "stack"}}).open("tr");
  page.leaf("th", what);
  page.leaf("th", {{"class", "number"}}, "times").leaf("th", "first").leaf("th", "last").close();
  for (const auto& row : rows) {
    if (!page.roomy()) break;
    const auto name = text_at(row, "/what", kHostShown);
    page.open("tr").open("td").leaf("code", hosts ? defanged(name) : name);
    if (const auto container = text_at(row, "/container", 12); !container.empty())
      page.text(" in container " + container);
    page.close();
    page.leaf("td", {{"class", "number"}}, text_at(row, "/count", 12));
    for (const auto* when : {"/first", "/last"})
      page.leaf("td", {{"class", "when"}}, date_time(number_at(row, when).value_or(0)));
    page.close();
  }
  page.close().close();
}

void more_note(Html& page, std::uint64_t more) {
  if (more > 0) page.leaf("p", {{"class", "note"}}, fmt::format("and {} more", more));
}

}  // namespace

std::string title_of(const json& alert) {
  const auto who = unlinked(subject_of(alert));  // code on a command line has no other name
  const auto where = destination_of(alert);
  const std::string_view refused = is_refused(alert) ? ", refused" : "";
  if (find_at(alert, "/tocsin/beacon") != nullptr)
    return fmt::format("{} calls {}", who, defanged(where));
  if (find_at(alert, "/process") == nullptr && where.empty())
    return text_at(alert, "/rule/name", 120);
  return where.empty() ? fmt::format("{}: {}{}", text_at(alert, "/rule/name", 120), who, refused)
                       : fmt::format("{} → {}{}", who, defanged(where), refused);
}

std::string defanged_in(std::string text, const json& alert) {
  for (const auto* path :
       {"/tocsin/beacon/destination", "/destination/domain", "/destination/ip",
        "/dns/question/name", "/tocsin/indicator/0/value", "/tocsin/indicator/0/matched"}) {
    const auto host = text_at(alert, path, kHostShown);
    // Paths and digests have no host in them.
    if (host.find('.') == std::string::npos || host.find('/') != std::string::npos) continue;
    const auto safe = defanged(host);
    for (std::size_t at = 0; (at = text.find(host, at)) != std::string::npos; at += safe.size())
      text.replace(at, host.size(), safe);
  }
  return text;
}

void show_time_line(Html& page, const Material& material) {
  const auto& alert = material.alert;
  std::vector<Moment> moments;
  add_lineage(alert, moments);
  add_versions(material.around, moments);
  if (const auto* beacon = find_at(alert, "/tocsin/beacon")) add_beacon(alert, *beacon, moments);
  if (const auto* retro = find_at(alert, "/tocsin/retro")) {
    moments.push_back({number_at(*retro, "/first").value_or(0), "First exposure", "", true});
    moments.push_back({number_at(*retro, "/last").value_or(0), "Last exposure", "", true});
  }
  if (const auto added = number_at(alert, "/tocsin/indicator/0/added"))
    moments.push_back({*added, "The indicator became known",
                       text_at(alert, "/tocsin/indicator/0/set", 64), false});
  moments.push_back(
      {number_at(alert, "/tocsin/time").value_or(0), "This alert was raised", "", true});
  if (const auto series = series_of(material); !series.points.empty())
    moments.push_back({series.to(), "Last contact known", "", false});
  std::erase_if(moments, [](const Moment& m) { return m.at_s <= 0; });
  open_section(page, "Time line");
  time_line(page, std::move(moments));
  close_section(page);
}

void show_process_tree(Html& page, const json& alert) {
  auto lineage = list_at(alert, "/tocsin/lineage");
  if (lineage.empty()) return;
  open_section(page, "From the login or service to the process");
  page.open("div", {{"class", "tree"}});
  tree_level(page, alert, lineage.first(std::min(lineage.size(), kAncestorsMax)));
  page.close();
  show_surroundings(page, alert);
  close_section(page);
}

void show_beacon(Html& page, const Material& material, const json& beacon) {
  open_section(page, "The calls");
  auto summary = counted(count_at(beacon, "/contacts"), "contact") + " when this was raised";
  if (const auto failed = count_at(beacon, "/failed"); failed > 0)
    summary += fmt::format(", {} of them in vain", failed);
  if (const auto period = period_words(beacon); !period.empty()) summary += "; " + period;
  page.leaf("p", summary + ".");
  const auto series = series_of(material);
  // Of changing destinations only when it called can be drawn: the distances are not those weighed.
  const bool rare = text_at(beacon, "/destination", kHostShown) == kRollUpName;
  if (rare && series.points.size() > 1) {
    page.open("div", {{"class", "plots"}});
    plot_contacts(page, series);
    page.close();
    page.leaf("p", {{"class", "note"}},
              "All contacts of this program are drawn; which of them were weighed is not kept.");
  } else if (series.points.size() > 1) {
    page.open("div", {{"class", "plots"}});
    plot_contacts(page, series);
    plot_intervals(page, intervals_of(series, merge_gap_of(beacon)));
    plot_rate(page, series);
    plot_bytes(page, series);
    page.close();
  } else {
    page.leaf("p", {{"class", "note"}},
              "The history holds no single contacts of this program, so nothing can be drawn.");
  }
  page.leaf("h3", "What speaks for and against it");
  page.open("div", {{"class", "scroll"}}).open("table", {{"class", "stack"}}).open("tr");
  page.leaf("th", "evidence");
  page.leaf("th", {{"class", "number"}}, "log odds").leaf("th", "").leaf("th", "because").close();
  for (const auto& line : evidence_lines(beacon)) {
    page.open("tr").leaf("td", line.group);
    page.leaf("td", {{"class", "number"}}, fmt::format("{:+.1f}", line.contribution));
    page.open("td");
    plot_contribution(page, line.contribution, kGroupMost);
    page.close().leaf("td", {{"class", "wide"}}, line.sentence).close();
  }
  page.close().close();
  page.leaf("p", {{"class", "note"}},
            fmt::format("Together {} likely. It begins at -6; an alert needs two groups that "
                        "speak for it.",
                        whole_percent(number_at(beacon, "/probability").value_or(0))));
  close_section(page);
}

void show_indicators(Html& page, const json& alert) {
  const auto indicators = list_at(alert, "/tocsin/indicator");
  if (indicators.empty()) return;
  open_section(page, indicators.size() == 1 ? "The indicator" : "The indicators");
  for (const auto& indicator : indicators) {
    if (!page.roomy()) break;
    page.open("dl");
    const auto value = text_at(indicator, "/value", kHostShown);
    const auto matched = text_at(indicator, "/matched", kHostShown);
    const bool path = value.starts_with('/');
    fact(page, "watched for", path ? value : unlinked(defanged(value)), Face::kCode);
    fact(page, "type", text_at(indicator, "/type", 20));
    fact(page, "seen", path ? matched : unlinked(defanged(matched)), Face::kCode);
    fact(page, "set", text_at(indicator, "/set", 64));
    fact(page, "campaign", text_at(indicator, "/campaign", 120));
    fact(page, "source", unlinked(defanged(text_at(indicator, "/source", 300))));
    fact(page, "place in it", text_at(indicator, "/place", 120));
    fact(page, "rated", text_at(indicator, "/severity", 20));
    if (const auto confidence = text_at(indicator, "/confidence", 8); !confidence.empty())
      fact(page, "confidence", confidence + " of 100");
    if (const auto added = number_at(indicator, "/added")) fact(page, "added", date_time(*added));
    if (const auto expires = number_at(indicator, "/expires"))
      fact(page, "expires", date_time(*expires));
    fact(page, "note", unlinked(text_at(indicator, "/note", 600)));
    page.close();
  }
  close_section(page);
}

void show_content(Html& page, const json& alert) {
  if (find_at(alert, "/process") == nullptr) return;
  open_section(page, "The content");
  page.open("dl");
  const auto digests = [&](const char* at) {
    for (const auto* kind : {"sha256", "sha1", "md5"})
      fact(page, kind, text_at(alert, fmt::format("{}/{}", at, kind).c_str(), 64), Face::kCode);
  };
  fact(page, "program", text_at(alert, "/process/executable", kPathShown), Face::kCode);
  digests("/process/hash");
  if (const auto* hash = find_at(alert, "/tocsin/hash")) fact(page, "obtained", hash_words(*hash));
  fact(page, "script", text_at(alert, "/tocsin/script/path", kPathShown), Face::kCode);
  fact(page, "sha256", text_at(alert, "/tocsin/script/sha256", 64), Face::kCode);
  if (const auto* hash = find_at(alert, "/tocsin/script/hash"))
    fact(page, "obtained", hash_words(*hash));
  if (const auto package = text_at(alert, "/package/name", 100); !package.empty())
    fact(page, "package", fmt::format("{} {}", package, text_at(alert, "/package/version", 100)));
  fact(page, "library", text_at(alert, "/tocsin/module/path", kPathShown), Face::kCode);
  digests("/dll/hash");
  if (const auto* hash = find_at(alert, "/tocsin/module/hash"))
    fact(page, "obtained", hash_words(*hash));
  fact(page, "directory", text_at(alert, "/process/working_directory", kPathShown), Face::kCode);
  fact(page, "standard input", text_at(alert, "/tocsin/stdin", 16));
  fact(page, "standard output", text_at(alert, "/tocsin/stdout", 16));
  page.close();
  close_section(page);
}

void show_network(Html& page, const json& alert) {
  const auto names = list_at(alert, "/tocsin/names");
  if (find_at(alert, "/destination") == nullptr && find_at(alert, "/dns") == nullptr) return;
  open_section(page, "The destination and its names");
  page.open("dl");
  fact(page, "question", defanged(text_at(alert, "/dns/question/name", kHostShown)), Face::kCode);
  fact(page, "answer", defanged(joined_at(alert, "/dns/resolved_ip", ", ", 300)), Face::kCode);
  fact(page, "address", defanged(text_at(alert, "/destination/ip", 64)), Face::kCode);
  fact(page, "port", text_at(alert, "/destination/port", 8));
  fact(page, "result", text_at(alert, "/tocsin/connect/result", 20));
  fact(page, "server name", defanged(text_at(alert, "/tls/client/server_name", kHostShown)),
       Face::kCode);
  fact(page, "JA4", text_at(alert, "/tocsin/hello/ja4", 64), Face::kCode);
  page.close();
  if (!names.empty()) {
    page.leaf("h3", "Names this address may have been contacted by, best first").open("dl");
    for (const auto& name : names)
      if (page.roomy()) fact(page, defanged(text_at(name, "/value", kHostShown)), name_words(name));
    page.close();
  }
  close_section(page);
}

void show_neighbours(Html& page, const Material& material) {
  const auto& around = material.around;
  const auto destinations = list_at(around, "/destinations"),
             programs = list_at(around, "/programs"), versions = list_at(around, "/versions");
  if (destinations.empty() && programs.empty() && versions.empty()) return;
  open_section(page, "Around it");
  // Of an alert without a destination, or with many of them, nobody else was looked for.
  const auto* searched = find_at(around, "/programs_searched");
  if (!programs.empty() || searched == nullptr || *searched == true) {
    page.leaf("h3", "Other programs at this destination");
    if (programs.empty()) {
      page.leaf("p", "None that the history knows.");
    } else {
      neighbour_table(page, "program", programs, false);
      more_note(page, count_at(around, "/more_programs"));
    }
  }
  page.leaf("h3", "Where else this program went");
  if (destinations.empty()) {
    page.leaf("p", "Nowhere that the history knows.");
  } else {
    neighbour_table(page, "destination", destinations, true);
    more_note(page, count_at(around, "/more_destinations"));
  }
  if (versions.size() > 1) {
    page.leaf("h3", "Contents that ran at this path, latest first");
    page.open("ul", {{"class", "plain"}});
    for (const auto& version : versions)
      page.open("li")
          .leaf("code", text_at(version, "/sha256", 64))
          .text(fmt::format(" from {} to {}", date_time(number_at(version, "/first").value_or(0)),
                            date_time(number_at(version, "/last").value_or(0))))
          .close();
    page.close();
  }
  close_section(page);
}

}  // namespace tocsin::report
