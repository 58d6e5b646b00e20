// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/finding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/percent.hpp"
#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr double kDormantLeastS = 3'600;  // shorter is no sleep

// More digits than the method has.
double rounded(double value) {
  return std::round(value * 1e4) / 1e4;
}

// Rounded down, and never 1: a reader must not take it for a level that was not reached, nor for
// certainty.
double as_written(double probability) {
  return std::min(whole_parts(probability, 1e4) / 1e4, 0.9999);
}

void write_optional(JsonWriter& w, std::string_view name, const std::optional<double>& value) {
  w.key(name);
  if (value)
    w.value(rounded(*value));
  else
    w.null();
}

void write_subject(JsonWriter& w, const BeaconFinding& f) {
  static constexpr std::string_view kKinds[] = {"content", "script", "script-path",
                                                "command", "file",   "address"};
  w.member_object("subject").member("path", f.subject_path);
  w.key("sha256");
  if (f.subject_kind == SubjectKind::kContent || f.subject_kind == SubjectKind::kScript)
    w.value(f.subject_id.hex());
  else
    w.null();
  w.member("kind", kKinds[static_cast<std::size_t>(f.subject_kind)]).end();
}

std::string shown_period(double seconds) {
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  if (seconds < 7'200) return fmt::format("{:.3g} min", seconds / 60);
  if (seconds < 172'800) return fmt::format("{:.3g} h", seconds / 3'600);
  return fmt::format("{:.3g} days", seconds / 86'400);
}

}  // namespace

void write_beacon(JsonWriter& w, const BeaconFinding& f,
                  const std::function<void(JsonWriter&)>& more) {
  w.begin_object();
  write_subject(w, f);
  w.member("container", f.container).member("destination", f.destination).member("port", f.port);
  w.member("kind", f.kind == ContactKind::kDns ? "dns" : "connect");
  w.member("contacts", f.contacts).member("failed", f.failed);
  w.member("episodes", f.score.episodes);
  write_optional(w, "period_s", f.score.period_s);
  write_optional(w, "jitter", f.score.jitter);
  w.member_array("intervals");
  for (const auto interval : f.intervals_s) w.value(interval);
  w.end();
  write_optional(w, "dormant_s", f.dormant_s);
  w.member("timing", rounded(f.score.timing)).member("persistence", rounded(f.score.persistence));
  write_optional(w, "size", f.score.size);
  w.member("score", rounded(f.score.beacon))
      .member("probability", as_written(f.fusion.probability));
  w.member("verdict", to_string(f.verdict)).member_object("evidence");
  for (std::size_t g = 0; g < kEvidenceGroups; ++g)
    w.member(to_string(static_cast<EvidenceGroup>(g)), rounded(f.fusion.contribution[g]));
  w.end().member_array("because");
  for (const auto words : f.because) w.value(words);
  w.end().key("first").unix_seconds(f.first_ns).key("last").unix_seconds(f.last_ns);
  w.member_object("crossed");
  for (std::size_t i = 0; i < f.crossed_ns.size(); ++i) {
    if (f.crossed_ns[i] == 0) continue;
    w.member_object(to_string(static_cast<BeaconLevel>(i + 1)));
    w.key("ts").unix_seconds(f.crossed_ns[i]).member("episode", f.crossed_episode[i]).end();
  }
  w.end();
  if (more) more(w);
  w.end();
}

std::string beacon_story(const BeaconFinding& f) {
  const auto where = printable(f.destination, 255);
  std::string out;
  if (f.destination == kRollUpName)
    out = "calls changing destinations that no other program uses";
  else if (f.kind == ContactKind::kDns)
    out = fmt::format("asks for names below {}", where);
  else
    out = fmt::format("calls {}{}", where, f.port == 0 ? "" : fmt::format(":{}", f.port));
  if (f.score.timing > 0 && f.score.period_s)
    out += fmt::format(" every {} (± {:.0f} %)", shown_period(*f.score.period_s),
                       100 * f.score.jitter.value_or(0));
  out += fmt::format(", {} {} since {}", f.contacts, f.contacts == 1 ? "time" : "times",
                     format_time_utc(f.first_ns));
  if (f.failed != 0) out += fmt::format(", {} of them in vain", f.failed);
  if (f.dormant_s && *f.dormant_s >= kDormantLeastS)
    out += fmt::format("; silent for {} before the first", shown_period(*f.dormant_s));
  for (const auto words : f.because) out += fmt::format("; {}", words);
  return out;
}

}  // namespace tocsin
