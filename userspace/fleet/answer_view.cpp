// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/answer_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/hunt_view.hpp"
#include "cli/json_view.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

constexpr std::size_t kHostsShown = 20;  // of one verdict; --json has all
constexpr std::size_t kHitsShown = 5;    // of one host
constexpr std::size_t kBarWidth = 20;

using Entry = std::pair<std::string, const HostAnswer*>;

std::vector<Entry> with_verdict(const HuntTally& tally, HostVerdict verdict) {
  std::vector<Entry> out;
  for (const auto& [host, answer] : tally.hosts())
    if (answer.verdict == verdict) out.emplace_back(host, &answer);
  return out;
}

json parsed(const std::string& text) {
  return json::parse(text, nullptr, false);
}

std::string late_mark(const HostAnswer& answer) {
  return answer.late ? " (late)" : "";
}

void add_seen(const Entry& host, const cli::Output& out, std::vector<std::string>& lines) {
  const auto& answer = *host.second;
  lines.push_back(fmt::format("  {}: {} of {} values{}", host.first, answer.seen, answer.asked,
                              late_mark(answer)));
  const auto hits = parsed(answer.hits);
  std::size_t shown = 0;
  for (const auto& hit : hits)
    if (shown < kHitsShown) {
      lines.push_back("    " + cli::hit_line(hit, out));
      ++shown;
    }
  if (answer.seen > shown)
    lines.push_back(fmt::format("    and {} more; --json has them", answer.seen - shown));
}

// Why a host's "not seen" is not worth what it could be.
std::string doubt_of(const HostAnswer& answer) {
  std::string out;
  for (const auto& reason : parsed(answer.reasons)) {
    if (!out.empty()) out += "; ";
    out += fmt::format("{} values: {}", cli::text_at(reason, "/count"),
                       cli::text_at(reason, "/why", 200));
  }
  return out.empty() ? cli::coverage_line(parsed(answer.coverage)) : out;
}

std::string age_of(const HostAnswer& answer, WallNs now_ns) {
  if (!answer.last_beat_ns) return "no beat is kept";
  const auto seconds = std::max<WallNs>(0, now_ns - *answer.last_beat_ns) / kNsPerSecond;
  if (seconds < 120) return fmt::format("last beat {} s ago", seconds);
  if (seconds < 7'200) return fmt::format("last beat {} min ago", seconds / 60);
  if (seconds < 172'800) return fmt::format("last beat {} h ago", seconds / 3'600);
  return fmt::format("last beat {} days ago", seconds / 86'400);
}

template <typename Words>
void add_list(const std::vector<Entry>& hosts, std::vector<std::string>& lines, Words words) {
  for (std::size_t i = 0; i < hosts.size() && i < kHostsShown; ++i)
    lines.push_back(fmt::format("  {}: {}", hosts[i].first, words(*hosts[i].second)));
  if (hosts.size() > kHostsShown)
    lines.push_back(fmt::format("  and {} more; --json has them", hosts.size() - kHostsShown));
}

std::string hosts_text(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "host" : "hosts");
}

}  // namespace

std::string progress_line(const HuntTally& tally, double left_s) {
  const auto all = std::max<std::size_t>(tally.known(), 1);
  const auto filled = std::min(kBarWidth, kBarWidth * tally.answered() / all);
  return fmt::format("[{}{}] {} of {} answered, seen on {}, {:.0f} s left",
                     std::string(filled, '#'), std::string(kBarWidth - filled, '.'),
                     tally.answered(), hosts_text(tally.known()), tally.count(HostVerdict::kSeen),
                     std::ceil(left_s));
}

std::vector<std::string> answer_lines(const HuntTally& tally, const cli::Output& out) {
  std::vector<std::string> lines;
  const auto now_ns = SystemClock().wall_ns();
  const auto seen = with_verdict(tally, HostVerdict::kSeen);
  lines.push_back(fmt::format(
      "{} of {} answered{}", tally.answered(), hosts_text(tally.known()),
      tally.late() > 0 ? fmt::format(", {} of them late", tally.late()) : std::string()));
  if (!seen.empty())
    lines.push_back(out.paint(cli::Tone::kBad, "Seen on " + hosts_text(seen.size())));
  else if (tally.told_something() > 0)
    lines.push_back("Seen on none of those that answered");
  else
    lines.push_back(out.paint(cli::Tone::kWarn, tally.known() == 0
                                                    ? "No host is known, and none answered"
                                                    : "No host could say: this is no \"none\""));
  for (std::size_t i = 0; i < seen.size() && i < kHostsShown; ++i) add_seen(seen[i], out, lines);
  if (seen.size() > kHostsShown)
    lines.push_back(fmt::format("  and {} more; --json has them", seen.size() - kHostsShown));
  if (const auto count = tally.count(HostVerdict::kNotSeen); count > 0)
    lines.push_back(
        fmt::format("Not seen on {}, and nothing is known to be missing there", hosts_text(count)));
  const auto section = [&](HostVerdict verdict, std::string_view title, auto words) {
    const auto hosts = with_verdict(tally, verdict);
    if (hosts.empty()) return;
    lines.push_back(fmt::format(fmt::runtime(title), hosts_text(hosts.size())));
    add_list(hosts, lines, words);
  };
  section(HostVerdict::kGaps, "Not seen on {}, but something of that time is missing",
          [](const HostAnswer& answer) { return doubt_of(answer) + late_mark(answer); });
  section(HostVerdict::kCannotKnow, "{} cannot know, or no longer",
          [](const HostAnswer& answer) { return doubt_of(answer) + late_mark(answer); });
  section(HostVerdict::kRefused, "{} did not answer the question",
          [](const HostAnswer& answer) { return printable(answer.why, 300); });
  section(HostVerdict::kUnreadable, "{} sent what is no answer",
          [](const HostAnswer& answer) { return printable(answer.why, 300); });
  section(HostVerdict::kSilent, "{} silent",
          [&](const HostAnswer& answer) { return age_of(answer, now_ns); });
  if (tally.left_out() > 0)
    lines.push_back(
        fmt::format("{} replies are of hosts that there was no room for", tally.left_out()));
  return lines;
}

}  // namespace tocsin::fleet
