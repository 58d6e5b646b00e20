// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/alert_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "beacon/contact.hpp"
#include "cli/columns.hpp"
#include "cli/json_view.hpp"
#include "cli/session_view.hpp"
#include "report/incident.hpp"
#include "report/intervals.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kLineageIndent = 12;
constexpr std::size_t kStepIndent = 23;  // behind the time
constexpr std::size_t kIntervalsShown = 40;
constexpr double kDormantShownS = 3'600;
constexpr std::size_t kNeighboursShown = 5;

Tone tone_of(std::string_view severity) {
  if (severity == "critical" || severity == "high") return Tone::kBad;
  return severity == "medium" ? Tone::kWarn : Tone::kPlain;
}

std::string time_of(const json& alert) {
  if (const auto seconds = number_at(alert, "/tocsin/time")) return date_time(*seconds);
  return text_at(alert, "/@timestamp", 40);
}

// Lines of one explanation, wrapped; empty values leave no trace.
class Page {
 public:
  explicit Page(const Output& out) : out_(out) {}

  void heading(std::string_view text, Tone tone = Tone::kStrong) {
    if (!lines_.empty()) lines_.emplace_back();
    for (const auto& line : wrapped(text, kColumns)) lines_.push_back(out_.paint(tone, line));
  }
  void fact(std::string_view label, std::string_view value, Tone tone = Tone::kPlain) {
    if (value.empty()) return;
    for (const auto& line : wrapped(value, kColumns - kLabel - 2)) {
      lines_.push_back(fmt::format("  {:<{}}{}", label, kLabel, out_.paint(tone, line)));
      label = {};
    }
  }
  // A line of its own, continued further in.
  void line(std::string_view text, Tone tone = Tone::kPlain, std::size_t indent = 2) {
    for (const auto& one : wrapped(text, kColumns - indent)) {
      lines_.push_back(std::string(indent, ' ') + out_.paint(tone, one));
    }
  }
  // Not broken: it is there to be copied.
  void command(std::string_view text) {
    lines_.push_back("    " + out_.paint(Tone::kStrong, text));
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  static constexpr std::size_t kLabel = 12;
  const Output& out_;
  std::vector<std::string> lines_;
};

// "a (b)", either may be missing.
std::string with_note(std::string_view text, std::string_view note) {
  if (text.empty() || note.empty()) return std::string(text.empty() ? note : text);
  return fmt::format("{} ({})", text, note);
}

std::string if_any(std::string_view text, std::string_view format_prefix) {
  return text.empty() ? std::string() : fmt::format("{}{}", format_prefix, text);
}

void show_head(Page& page, const json& alert) {
  const auto severity = text_at(alert, "/tocsin/severity");
  page.heading(with_note(text_at(alert, "/message"), severity), tone_of(severity));
  page.fact("id", text_at(alert, "/event/id"));
  page.fact("when", time_of(alert));
  page.fact("rule", text_at(alert, "/rule/name"));
  page.fact("host", with_note(text_at(alert, "/host/name"), text_at(alert, "/host/id")));
  page.fact("weak", if_any(text_at(alert, "/tocsin/weak_because"), "because "));
  if (const auto repeats = count_at(alert, "/tocsin/repeats"); repeats > 0)
    page.fact("repeats", fmt::format("{} more of the same since the last report", repeats));
  if (flag_at(alert, "/tocsin/self_test"))
    page.fact("self-test", "made by a harmless action of tocsin's own");
}

void show_indicators(Page& page, const json& alert) {
  const json* matches = find_at(alert, "/tocsin/indicator");
  if (matches == nullptr || !matches->is_array()) return;
  for (const auto& match : *matches) {
    page.heading("Indicator");
    page.fact("watched for", with_note(text_at(match, "/value"), text_at(match, "/type")));
    page.fact("seen", with_note(text_at(match, "/matched"), text_at(match, "/field")));
    page.fact("set", text_at(match, "/set"));
    page.fact("campaign", text_at(match, "/campaign"));
    page.fact("source", text_at(match, "/source"));
    page.fact("place", text_at(match, "/place"));
    const auto confidence = text_at(match, "/confidence");
    page.fact("rated", with_note(text_at(match, "/severity"),
                                 confidence.empty() ? "" : "confidence " + confidence + " of 100"));
    if (const auto added = number_at(match, "/added")) page.fact("added", date_time(*added));
    if (const auto expires = number_at(match, "/expires"))
      page.fact("expires", date_time(*expires));
    page.fact("note", text_at(match, "/note"));
  }
}

std::string provenance(const json& alert, const char* at) {
  const json* hash = find_at(alert, at);
  return hash != nullptr ? report::hash_words(*hash) : std::string();
}

void show_content(Page& page, const json& alert) {
  page.heading("Content");
  page.fact("program", text_at(alert, "/process/executable"));
  page.fact("sha256", text_at(alert, "/process/hash/sha256"));
  page.fact("obtained by", provenance(alert, "/tocsin/hash"));
  page.fact("script", text_at(alert, "/tocsin/script/path"));
  page.fact("sha256", text_at(alert, "/tocsin/script/sha256"));
  page.fact("obtained by", provenance(alert, "/tocsin/script/hash"));
  page.fact("flags", joined_at(alert, "/tocsin/flags", ", "));
}

void show_session(Page& page, const json& alert) {
  const json* session = find_at(alert, "/tocsin/session");
  if (session == nullptr) return page.fact("session", text_at(alert, "/tocsin/session_id"));
  page.fact("came in", session_origin(*session));
  page.fact("through", joined_at(*session, "/through", ", "));
  page.fact("session", text_at(*session, "/id"));
}

void show_container(Page& page, const json& alert) {
  page.fact("container", with_note(text_at(alert, "/container/id"),
                                   if_any(text_at(alert, "/container/runtime"), "by ")));
  page.fact("named", text_at(alert, "/container/name"));
  page.fact("unnamed because", text_at(alert, "/tocsin/container/unnamed_because"));
  page.fact("image", with_note(text_at(alert, "/container/image/name"),
                               joined_at(alert, "/container/image/hash/all", ", ")));
  page.fact("labels", joined_at(alert, "/tocsin/container/labels", ", "));
  page.fact("pod", with_note(text_at(alert, "/orchestrator/resource/name"),
                             if_any(text_at(alert, "/orchestrator/namespace"), "namespace ")));
}

void show_process(Page& page, const json& alert) {
  page.heading("Process");
  page.fact("pid", with_note(text_at(alert, "/process/pid"),
                             if_any(text_at(alert, "/process/start"), "started ")));
  page.fact("command", joined_at(alert, "/process/args", " "));
  page.fact("in", text_at(alert, "/process/working_directory"));
  const auto user =
      with_note(text_at(alert, "/user/name"), if_any(text_at(alert, "/user/id"), "uid "));
  page.fact("user", user);
  if (text_at(alert, "/user/effective/id") != text_at(alert, "/user/id"))
    page.fact("acting as", if_any(text_at(alert, "/user/effective/id"), "uid "));
  auto login = text_at(alert, "/tocsin/session/user");
  if (login.empty()) login = text_at(alert, "/tocsin/login_user");
  page.fact("login", login.empty() && user.empty() ? ""
                     : login.empty()               ? "none that is known (service or boot)"
                                                   : login);
  show_session(page, alert);
  page.fact("terminal", text_at(alert, "/tocsin/tty"));
  page.fact("stdin", text_at(alert, "/tocsin/stdin"));
  page.fact("stdout", text_at(alert, "/tocsin/stdout"));
  show_container(page, alert);
}

void show_lineage(Page& page, const json& alert) {
  const json* lineage = find_at(alert, "/tocsin/lineage");
  if (lineage == nullptr || !lineage->is_array() || lineage->empty()) return;
  page.heading("Lineage (each was started by the one below)");
  for (const auto& process : *lineage) {
    auto name = text_at(process, "/path", 200);
    if (name.empty()) name = text_at(process, "/comm", 64);
    std::string text = fmt::format("{:>8}  {}", text_at(process, "/pid"), name);
    if (const auto script = text_at(process, "/script", 200); !script.empty())
      text += fmt::format(" running {}", script);
    if (const auto user = text_at(process, "/user", 64); !user.empty())
      text += fmt::format(", {}", user);
    if (flag_at(process, "/exited")) text += ", has ended";
    page.line(text);
    if (const auto start = number_at(process, "/start"))
      page.line("since " + date_time(*start), Tone::kDim, kLineageIndent);
    if (const auto args = joined_at(process, "/args", " ", 200); !args.empty())
      page.line(args, Tone::kDim, kLineageIndent);
  }
}

// Every name the destination may have been contacted by, best first, with how it was learned.
void show_names(Page& page, const json& alert) {
  const json* names = find_at(alert, "/tocsin/names");
  if (names == nullptr || !names->is_array()) return;
  for (const auto& name : *names)
    page.fact("name", with_note(text_at(name, "/value", 255), report::name_words(name)));
}

void show_network(Page& page, const json& alert) {
  if (find_at(alert, "/destination") == nullptr && find_at(alert, "/dns") == nullptr) return;
  page.heading("Network");
  const bool dns = find_at(alert, "/dns") != nullptr;
  page.fact("question", with_note(text_at(alert, "/dns/question/name", 255),
                                  text_at(alert, "/dns/question/type")));
  page.fact("answer", with_note(text_at(alert, "/dns/response_code"),
                                joined_at(alert, "/dns/resolved_ip", ", ", 300)));
  page.fact("relayed by", if_any(text_at(alert, "/tocsin/relayed_by"), "pid "));
  page.fact(dns ? "asked" : "to", with_note(text_at(alert, "/destination/ip"),
                                            if_any(text_at(alert, "/destination/port"), "port ")));
  page.fact("protocol",
            with_note(text_at(alert, "/network/transport"), text_at(alert, "/network/protocol")));
  page.fact("result", text_at(alert, "/tocsin/connect/result"));
  page.fact("server name", with_note(text_at(alert, "/tls/client/server_name", 255),
                                     flag_at(alert, "/tocsin/hello/encrypted_name")
                                         ? "outer name, the one meant is encrypted (ECH)"
                                         : ""));
  page.fact("ja4", text_at(alert, "/tocsin/hello/ja4"));
  if (find_at(alert, "/tocsin/names") == nullptr)
    page.fact("name", with_note(text_at(alert, "/tocsin/name/value"),
                                if_any(text_at(alert, "/tocsin/name/source"), "learned from ")));
  show_names(page, alert);
}

void show_verdict(Page& page, const report::Material& material) {
  const auto verdict = report::verdict_of(material);
  page.heading("Verdict");
  page.fact("what", verdict.what);
  page.fact("who", verdict.who);
  page.fact("since", verdict.since);
  page.fact("how sure", verdict.sure);
  const auto* running = find_at(material.around, "/running");
  page.fact("running?", verdict.running,
            running != nullptr && *running == true && !report::is_refused(material.alert)
                ? Tone::kBad
                : Tone::kPlain);
  page.fact("response", verdict.response);
}

// What the engine itself remembered, where the history is not at hand.
void show_kept_intervals(Page& page, const json& beacon) {
  const auto* kept = find_at(beacon, "/intervals");
  if (kept == nullptr || !kept->is_array()) return;
  std::vector<double> seconds;
  for (const auto& one : *kept)
    if (one.is_number() && seconds.size() < kIntervalsShown) seconds.push_back(one.get<double>());
  if (seconds.size() < 2) return;
  page.fact("intervals", report::sparkline(seconds));
  std::string words;
  for (const auto one : seconds) words += (words.empty() ? "" : ", ") + report::span_words(one);
  page.fact("", fmt::format("the last {}: {}", seconds.size(), words));
}

void show_evidence(Page& page, const report::Material& material) {
  const json* beacon = find_at(material.alert, "/tocsin/beacon");
  if (beacon == nullptr) return;
  page.heading("Evidence (log odds, from -6)");
  for (const auto& line : report::evidence_lines(*beacon))
    page.fact(fmt::format("{:+5.1f}", line.contribution),
              fmt::format("{}: {}", line.group, line.sentence),
              line.contribution > 0 ? Tone::kWarn : Tone::kPlain);
  const auto merge = report::merge_gap_of(*beacon);
  const auto series = report::series_of(material);
  const auto intervals = report::intervals_of(series, merge);
  if (const auto dormant = number_at(*beacon, "/dormant_s"); dormant && *dormant >= kDormantShownS)
    page.fact("silent for", fmt::format("{}, from its first run or its update to its first call",
                                        report::span_words(*dormant)));
  // Of changing destinations the history does not say which contacts were weighed.
  const bool rare = text_at(*beacon, "/destination", 255) == kRollUpName;
  if (rare || intervals.sorted_s.size() < 2) return show_kept_intervals(page, *beacon);
  page.fact("intervals", report::sparkline(report::last_intervals(series, merge, kIntervalsShown)));
  page.fact("", fmt::format("the last {} of {}; median {}, half of them within {} of it",
                            std::min(kIntervalsShown, intervals.sorted_s.size()),
                            intervals.sorted_s.size(), report::span_words(intervals.median_s),
                            report::span_words(intervals.mad_s)));
}

void show_incident(Page& page, const json& alert) {
  const auto incident = report::incident_of(alert);
  if (incident.steps.empty()) return;
  page.heading("What happened below it, step by step");
  for (const auto& step : incident.steps) {
    page.line(fmt::format("{}  {}", date_time(step.time_s), step.what),
              step.loud ? Tone::kWarn : Tone::kPlain);
    if (!step.command.empty()) page.line(step.command, Tone::kDim, kStepIndent);
  }
  if (incident.left_out > 0) page.line(fmt::format("and {} more", incident.left_out), Tone::kDim);
}

void show_retro(Page& page, const json& alert) {
  const json* retro = find_at(alert, "/tocsin/retro");
  if (retro == nullptr) return;
  page.heading("Found in the history");
  page.fact("first", date_time(number_at(*retro, "/first").value_or(0)));
  page.fact("last", date_time(number_at(*retro, "/last").value_or(0)));
  page.fact("how", joined_at(*retro, "/flags", ", "));
  const json* programs = find_at(*retro, "/programs");
  if (programs != nullptr && programs->is_array())
    for (const auto& program : *programs) {
      auto text = text_at(program, "/path", 200);
      if (text.empty()) text = text_at(program, "/sha256", 64);
      text += fmt::format(", {} times", count_at(program, "/count"));
      if (const auto user = text_at(program, "/user", 64); !user.empty()) text += ", " + user;
      if (const auto in = text_at(program, "/container", 12); !in.empty())
        text += ", container " + in;
      page.fact("by", text);
    }
  if (const auto gaps = count_at(*retro, "/gaps/count"); gaps > 0)
    page.fact("gaps", fmt::format("{}, together {}, in which nobody watched", gaps,
                                  duration_text(number_at(*retro, "/gaps/seconds").value_or(0))));
}

void show_neighbours(Page& page, const json& around, const char* path, std::string_view heading) {
  const json* rows = find_at(around, path);
  if (rows == nullptr || !rows->is_array() || rows->empty()) return;
  page.heading(heading);
  for (std::size_t i = 0; i < std::min(rows->size(), kNeighboursShown); ++i) {
    const auto& row = (*rows)[i];
    page.line(fmt::format("{}{}, {} times, last {}", text_at(row, "/what", 255),
                          if_any(text_at(row, "/container", 12), " in container "),
                          count_at(row, "/count"), date_time(number_at(row, "/last").value_or(0))));
  }
  if (rows->size() > kNeighboursShown)
    page.line(fmt::format("and {} more", rows->size() - kNeighboursShown), Tone::kDim);
}

void show_coverage(Page& page, const report::Material& material) {
  page.heading("What was not seen");
  if (const auto since = number_at(material.alert, "/tocsin/loss/since"))
    page.fact("judged", "since " + date_time(*since));
  for (const auto& spot : report::blind_spots(material)) page.line(spot);
}

void show_steps(Page& page, const report::Material& material) {
  page.heading("What to do next");
  for (const auto& step : report::next_steps(material)) {
    page.line(step.why + (step.command.empty() ? "." : ":"));
    if (!step.command.empty()) page.command(step.command);
  }
}

}  // namespace

std::string alert_line(const json& alert, const Output& out) {
  const auto severity = text_at(alert, "/tocsin/severity");
  std::string text = fmt::format("{}  {}  {}", time_of(alert),
                                 out.paint(tone_of(severity), fmt::format("{:<8}", severity)),
                                 text_at(alert, "/message", 1000));
  if (const auto repeats = count_at(alert, "/tocsin/repeats"); repeats > 0)
    text += fmt::format(" [and {} more times]", repeats);
  return text + out.paint(Tone::kDim, fmt::format("  [{}]", text_at(alert, "/event/id")));
}

std::vector<std::string> explanation(const report::Material& material, const Output& out) {
  const auto& alert = material.alert;
  Page page(out);
  show_head(page, alert);
  show_verdict(page, material);
  show_incident(page, alert);
  show_evidence(page, material);
  show_retro(page, alert);
  show_indicators(page, alert);
  if (find_at(alert, "/process") != nullptr) {
    show_content(page, alert);
    show_process(page, alert);
  }
  show_lineage(page, alert);
  show_network(page, alert);
  show_neighbours(page, material.around, "/programs", "Other programs at this destination");
  show_neighbours(page, material.around, "/destinations", "Where else this program went");
  show_coverage(page, material);
  show_steps(page, material);
  return page.take();
}

}  // namespace tocsin::cli
