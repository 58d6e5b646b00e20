// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/fleet_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "cli/columns.hpp"
#include "cli/json_view.hpp"
#include "fleet/fleet_limits.hpp"
#include "fleet/host_watch.hpp"
#include "fleet/hostile_json.hpp"
#include "fleet/stream_reader.hpp"
#include "fleet/validity.hpp"

namespace tocsin::fleet {

using cli::padded;
using cli::text_at;
using nlohmann::json;

namespace {

constexpr double kCoverageGood = 0.999;
// What was lost is trouble for so long; the counts stay in the beat.
constexpr double kTroubleS = 86'400;
constexpr double kSecondsMost = 9e9;  // Unix time; beyond it a host talks nonsense
constexpr std::size_t kSetsNamed = 3;

std::string age_of(WallNs then_ns, WallNs now_ns) {
  const auto s = std::max<std::int64_t>(0, (now_ns - then_ns) / kNsPerSecond);
  if (s < 120) return fmt::format("{} s", s);
  if (s < 7'200) return fmt::format("{} min", s / 60);
  if (s < 172'800) return fmt::format("{} h", s / 3'600);
  return fmt::format("{} d", s / 86'400);
}

std::string hooks_text(const json& beat) {
  const auto* hooks = cli::find_at(beat, "/daemon/hooks");
  if (hooks == nullptr) return "-";
  const auto count = [&](const char* at) {
    const auto* list = cli::find_at(*hooks, at);
    return list != nullptr && list->is_array() ? list->size() : 0;
  };
  std::string text = text_at(*hooks, "/attached", 8);
  if (const auto n = count("/fallback"); n != 0) text += fmt::format(" +{} fallback", n);
  if (const auto n = count("/failed"); n != 0) text += fmt::format(" {} failed", n);
  return text;
}

std::string coverage_text(const json& beat) {
  const auto coverage = cli::number_at(beat, "/daemon/coverage");
  return coverage ? fmt::format("{:.2f} %", *coverage * 100) : "-";
}

std::string sets_text(const json& beat) {
  const auto* sets = cli::find_at(beat, "/sets");
  if (sets == nullptr || !sets->is_object()) return "-";
  std::string text;
  for (const auto& [name, set] : sets->items())
    if (set.is_object() && text.size() < 24)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(name, 16),
                          text_at(set, "/sequence", 12));
  return text.empty() ? "-" : text;
}

bool filled(const json& beat, const char* at) {
  const auto* list = cli::find_at(beat, at);
  return list != nullptr && (list->is_array() || list->is_object()) && !list->empty();
}

// By the host's own clock, which gave both times. A host that does not say when, or says nonsense,
// is not let off.
bool is_recent(const json& beat, const char* at) {
  const auto then = cli::number_at(beat, at), now = cli::number_at(beat, "/time");
  return !then || !now || *then > *now || *now - *then < kTroubleS;
}

std::vector<std::string> sets_in_trouble(const json& beat) {
  std::vector<std::string> out;
  const auto* sets = cli::find_at(beat, "/sets");
  if (sets == nullptr || !sets->is_object()) return out;
  for (const auto& [name, set] : sets->items()) {
    const auto state = text_at(set, "/state", 16);
    if (state != "refused" && state != "held" && state != "failed") continue;
    if (out.size() < kSetsNamed)
      out.push_back(fmt::format("set {} {}", printable(name, 32), state));
  }
  return out;
}

// How long before the beat the daemon last proved that it sees, by the host's own clock.
std::string proof_text(const json& beat) {
  if (cli::number_at(beat, "/daemon/self_proof/interval_s") == 0.0) return "off";
  const auto last = cli::number_at(beat, "/daemon/last_self_proof");
  const auto now = cli::number_at(beat, "/time");
  if (!last || !now || *last > *now || *now > kSecondsMost || *last < 0) return "-";
  return age_of(static_cast<WallNs>(*last) * kNsPerSecond,
                static_cast<WallNs>(*now) * kNsPerSecond);
}

std::string lost_text(const json& beat) {
  const auto* lost = cli::find_at(beat, "/daemon/lost");
  if (lost == nullptr || !lost->is_object()) return "-";
  double sum = 0;
  for (const auto& [stage, count] : lost->items())
    if (count.is_number()) sum += count.get<double>();
  return sum < 1e6 ? fmt::format("{:.0f}", sum) : fmt::format("{:.1e}", sum);
}

}  // namespace

bool HostStatus::silent(WallNs now_ns) const {
  const auto interval = cli::number_at(beat, "/interval_s").value_or(60);
  const auto bounded = std::clamp(interval, 1.0, 86'400.0);
  return static_cast<double>(now_ns - heard_ns) > HostWatch::kBeatsMissed * bounded * 1e9;
}

std::string HostStatus::trouble(WallNs now_ns) const {
  if (silent(now_ns)) return "silent";
  if (!cli::flag_at(beat, "/up")) return "tocsind is down";
  std::string all;
  const auto add = [&](std::string_view what) {
    all += (all.empty() ? "" : ", ") + std::string(what);
  };
  if (filled(beat, "/daemon/hooks/failed")) add("hooks failed");
  if (filled(beat, "/daemon/blind")) add("self-proof failed");
  if (cli::flag_at(beat, "/daemon/self_proof/overdue")) add("self-proof stopped");
  if (filled(beat, "/daemon/lost") && is_recent(beat, "/daemon/lost_at")) add("lost events");
  if (const auto c = cli::number_at(beat, "/daemon/coverage"); c && *c < kCoverageGood)
    add("hash coverage");
  if (filled(beat, "/spool/dropped") && is_recent(beat, "/spool/dropped_at")) add("spool was full");
  for (const auto& set : sets_in_trouble(beat)) add(set);
  const auto ends = cli::number_at(beat, "/certificate_ends");
  if (ends && std::abs(*ends) < kSecondsMost)
    if (const auto end = end_near(static_cast<WallNs>(*ends) * kNsPerSecond, now_ns))
      add("certificate " + *end);
  return all;
}

Result<std::vector<HostStatus>> hosts_of(Connection& connection, const Subjects& subjects) {
  std::map<std::string, HostStatus> hosts;
  TOCSIN_TRY_VOID(read_all(connection,
                           {.stream = kStreamBeats, .subject = subjects.every(Kind::kBeat)},
                           [&](Message message) {
                             const auto from = subjects.parse_up(message.subject);
                             auto beat = parse_beat(message.data);
                             if (from && !beat.is_null())
                               hosts[from->host] = {from->host, message.stored_ns, std::move(beat)};
                             return hosts.size() < limits::kFleetHostsMax;
                           }));
  std::vector<HostStatus> out;
  for (auto& [name, host] : hosts) out.push_back(std::move(host));
  return out;
}

std::vector<std::string> table_of(const std::vector<HostStatus>& hosts, WallNs now_ns,
                                  const cli::Output& out) {
  std::size_t room = 4;
  for (const auto& host : hosts) room = std::max(room, host.host.size());
  const auto line = [&](const std::string& host, const std::vector<std::string>& rest) {
    static constexpr std::size_t kRooms[] = {8, 8, 20, 16, 10, 8, 8, 14};
    std::string text = padded(host, room + 2);
    for (std::size_t i = 0; i < rest.size(); ++i)
      text += i < std::size(kRooms) ? padded(rest[i], kRooms[i]) : rest[i];
    return text;
  };
  std::vector<std::string> lines = {
      out.paint(cli::Tone::kDim, line("host", {"heard", "version", "kernel", "hooks", "hashed",
                                               "proof", "lost", "sets", "trouble"}))};
  for (const auto& host : hosts) {
    const auto trouble = host.trouble(now_ns);
    const auto tone = trouble == "silent" ? cli::Tone::kBad : cli::Tone::kWarn;
    lines.push_back(
        line(host.host, {age_of(host.heard_ns, now_ns), text_at(host.beat, "/daemon/version", 7),
                         text_at(host.beat, "/daemon/kernel", 19), hooks_text(host.beat),
                         coverage_text(host.beat), proof_text(host.beat), lost_text(host.beat),
                         sets_text(host.beat), out.paint(tone, trouble)}));
  }
  return lines;
}

json to_json(const HostStatus& host, WallNs now_ns) {
  json out = {{"host", host.host},
              {"heard", static_cast<double>(host.heard_ns) / 1e9},
              {"silent", host.silent(now_ns)},
              {"beat", host.beat}};
  if (const auto trouble = host.trouble(now_ns); !trouble.empty()) out["trouble"] = trouble;
  return out;
}

}  // namespace tocsin::fleet
