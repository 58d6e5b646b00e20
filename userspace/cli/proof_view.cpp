// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/proof_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

struct Shown {
  std::string_view text;
  Tone tone;
};

// Of an action in a proof: "unseen" and "no-alarm" are what nobody wants to read.
Shown shown_state(std::string_view state) {
  if (state == "proved") return {"seen", Tone::kGood};
  if (state == "unseen") return {"NOT SEEN", Tone::kBad};
  if (state == "no-alarm") return {"NO ALARM", Tone::kBad};
  if (state == "not-provable") return {"not provable", Tone::kWarn};
  return {"unknown", Tone::kWarn};
}

std::string milliseconds(const std::optional<double>& ms) {
  return ms ? fmt::format("{:.1f}", *ms) : std::string("-");
}

template <typename Line>
void each(const json& object, const char* path, Line line) {
  const json* list = find_at(object, path);
  if (list == nullptr || !list->is_array()) return;
  for (const auto& one : *list) line(one);
}

std::string summary(const json& proof, double now, const Output& out) {
  const auto interval = number_at(proof, "/interval_s");
  const auto started = number_at(proof, "/last/started");
  if (!started) return interval == 0.0 ? "off (self_proof.interval_s is 0)" : "none yet";
  std::size_t seen = 0, done = 0;
  each(proof, "/last/actions", [&](const json& action) {
    done += flag_at(action, "/performed") ? 1 : 0;
    seen += text_at(action, "/state") == "proved" ? 1 : 0;
  });
  auto text = fmt::format("{}, {} ago: {} of {} actions came through", date_time(*started),
                          duration_text(std::max(0.0, now - *started)), seen, done);
  if (flag_at(proof, "/overdue"))
    text += out.paint(Tone::kBad, fmt::format("; OVERDUE, it is due every {}",
                                              duration_text(interval.value_or(0))));
  return text;
}

std::string reason_or(const json& action, std::string otherwise) {
  auto reason = text_at(action, "/reason", 200);
  return reason.empty() ? std::move(otherwise) : reason;
}

std::string alarm_text(const json& action, const Output& out) {
  if (flag_at(action, "/alarm")) return out.paint(Tone::kGood, fmt::format("{:<6}", "yes"));
  // A library that its package vouches for raises none.
  if (text_at(action, "/action") == "library") return fmt::format("{:<6}", "-");
  return out.paint(Tone::kBad, fmt::format("{:<6}", "NO"));
}

std::string test_line(const json& action, const Output& out) {
  const auto name = fmt::format("{:<13}", text_at(action, "/action"));
  if (!flag_at(action, "/performed"))
    return fmt::format(
        "{} {}", name,
        out.paint(Tone::kWarn, fmt::format("not provable here: {}", reason_or(action, "unknown"))));
  const bool seen = flag_at(action, "/seen");
  auto line = fmt::format(
      "{} {:<5} {} {} {:>7}", name, "yes",
      out.paint(seen ? Tone::kGood : Tone::kBad, fmt::format("{:<5}", seen ? "yes" : "NO")),
      alarm_text(action, out), milliseconds(number_at(action, "/ms")));
  if (const json* due = find_at(action, "/alarm_due");
      due != nullptr && *due == false && text_at(action, "/action") != "library")
    line += "  its indicator is not loaded (iocs/selftest.ioc)";
  return line;
}

std::string sink_line(const json& sink, const Output& out) {
  const auto state = text_at(sink, "/state");
  const auto tone = state == "written" ? Tone::kGood : state == "absent" ? Tone::kWarn : Tone::kBad;
  const auto words = state == "absent"    ? std::string("nothing to write to on this host")
                     : state == "waiting" ? std::string("NOT WRITTEN")
                                          : state;
  const auto detail = text_at(sink, "/detail", 200);
  return fmt::format("sink {:<8} {}{}{}", text_at(sink, "/name"), out.paint(tone, words),
                     detail.empty() ? "" : ": ", detail);
}

}  // namespace

std::vector<std::string> self_proof_lines(const json& proof, double now, const Output& out) {
  std::vector<std::string> lines = {summary(proof, now, out)};
  if (const auto trouble = text_at(proof, "/last/trouble", 300); !trouble.empty())
    lines.push_back(out.paint(Tone::kBad, trouble));
  if (const json* last = find_at(proof, "/last"); last == nullptr || !last->is_object())
    return lines;
  lines.push_back(fmt::format("{:<13} {:<12} {:>8} {:>8} {:>8} {:>8}", "action", "", "last ms",
                              "p50", "p95", "p99"));
  each(proof, "/last/actions", [&](const json& action) {
    const auto name = text_at(action, "/action");
    const auto shown = shown_state(text_at(action, "/state"));
    auto line =
        fmt::format("{:<13} {}", name, out.paint(shown.tone, fmt::format("{:<12}", shown.text)));
    const auto delay = [&](const char* which) {
      return milliseconds(number_at(proof, fmt::format("/delays/{}/{}", name, which).c_str()));
    };
    if (const auto reason = text_at(action, "/reason", 200); !reason.empty())
      line += " " + reason;
    else
      line += fmt::format(" {:>8} {:>8} {:>8} {:>8}", milliseconds(number_at(action, "/ms")),
                          delay("p50_ms"), delay("p95_ms"), delay("p99_ms"));
    lines.push_back(std::move(line));
  });
  return lines;
}

std::vector<std::string> self_test_page(const json& answer, const Output& out) {
  std::vector<std::string> lines = {out.paint(
      Tone::kStrong,
      fmt::format("{:<13} {:<5} {:<5} {:<6} {:>7}", "action", "done", "seen", "alarm", "ms"))};
  each(answer, "/actions", [&](const json& action) { lines.push_back(test_line(action, out)); });
  each(answer, "/sinks", [&](const json& sink) { lines.push_back(sink_line(sink, out)); });
  if (!flag_at(answer, "/reported"))
    lines.emplace_back("no sink was tried: alerts.self_test is false");
  if (const auto trouble = text_at(answer, "/trouble", 300); !trouble.empty())
    lines.push_back(out.paint(Tone::kBad, trouble));
  lines.push_back(flag_at(answer, "/passed")
                      ? out.paint(Tone::kGood, "passed: all that could be done here came through")
                      : out.paint(Tone::kBad, "FAILED: something did not come through"));
  return lines;
}

}  // namespace tocsin::cli
