// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/alert_view.hpp"

#include <fmt/format.h>

#include "cli/json_view.hpp"
#include "cli/session_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

Tone tone_of(std::string_view severity) {
  if (severity == "critical" || severity == "high") return Tone::kBad;
  return severity == "medium" ? Tone::kWarn : Tone::kPlain;
}

std::string time_of(const json& alert) {
  if (const auto seconds = number_at(alert, "/tocsin/time")) return date_time(*seconds);
  return text_at(alert, "/@timestamp", 40);
}

// Lines of one explanation; empty values leave no trace.
class Page {
 public:
  explicit Page(const Output& out) : out_(out) {}

  void heading(std::string_view text) {
    if (!lines_.empty()) lines_.emplace_back();
    lines_.push_back(out_.paint(Tone::kStrong, text));
  }
  void fact(std::string_view label, std::string_view value) {
    if (!value.empty()) lines_.push_back(fmt::format("  {:<12}{}", label, value));
  }
  void line(std::string_view text) { lines_.push_back(fmt::format("  {}", text)); }
  [[nodiscard]] const Output& out() const { return out_; }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
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
  page.heading(
      with_note(page.out().paint(tone_of(severity), text_at(alert, "/message")), severity));
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
  if (hash == nullptr) return {};
  const auto rung = text_at(*hash, "/rung"), miss = text_at(*hash, "/miss");
  std::string text = miss.empty() ? rung : "no digest: " + miss;
  if (flag_at(*hash, "/cached")) text += ", known from an earlier read";
  return with_note(text, text_at(*hash, "/detail"));
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
  const auto login = text_at(alert, "/tocsin/login_user");
  page.fact("login", login.empty() && user.empty() ? ""
                     : login.empty()               ? "none (service or boot)"
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
    if (const auto start = number_at(process, "/start"))
      text += page.out().paint(Tone::kDim, fmt::format(" since {}", date_time(*start)));
    page.line(text);
    if (const auto args = joined_at(process, "/args", " ", 200); !args.empty())
      page.line(fmt::format("{:>10}{}", "", page.out().paint(Tone::kDim, args)));
  }
}

// Every name the destination may have been contacted by, best first, with how it was learned.
void show_names(Page& page, const json& alert) {
  const json* names = find_at(alert, "/tocsin/names");
  if (names == nullptr || !names->is_array()) return;
  for (const auto& name : *names) {
    std::string how = text_at(name, "/source");
    if (const auto age = number_at(name, "/age_s"))
      how += ", learned " + duration_text(*age) + " before";
    if (const auto ttl = text_at(name, "/ttl_s"); !ttl.empty()) how += ", TTL " + ttl + " s";
    if (flag_at(name, "/stale")) how += ", STALE";
    if (const auto chain = joined_at(name, "/chain", " › ", 300); !chain.empty())
      how += ", through " + chain;
    if (const auto sharing = count_at(name, "/sharing"); sharing > 1)
      how += fmt::format(", one of {} names of this address", sharing);
    page.fact("name", with_note(text_at(name, "/value", 255), how));
  }
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

void show_coverage(Page& page, const json& alert) {
  const json* loss = find_at(alert, "/tocsin/loss");
  if (loss == nullptr) return;
  page.heading("Coverage");
  if (const auto since = number_at(*loss, "/since"))
    page.fact("judged", "since " + date_time(*since));
  if (flag_at(*loss, "/complete")) page.fact("lost", "nothing");
  const json* lost = find_at(*loss, "/lost");
  if (lost == nullptr || !lost->is_array()) return;
  for (const auto& stage : *lost)
    page.fact("LOST", fmt::format("{} at {}; there may be more to this", text_at(stage, "/count"),
                                  text_at(stage, "/stage")));
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

std::vector<std::string> explanation(const json& alert, const Output& out) {
  Page page(out);
  show_head(page, alert);
  show_indicators(page, alert);
  if (find_at(alert, "/process") != nullptr) {
    show_content(page, alert);
    show_process(page, alert);
  }
  show_lineage(page, alert);
  show_network(page, alert);
  show_coverage(page, alert);
  return page.take();
}

}  // namespace tocsin::cli
