// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/fleet_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "cli/columns.hpp"
#include "cli/json_view.hpp"
#include "fleet/fleet_limits.hpp"
#include "fleet/host_watch.hpp"
#include "fleet/hostile_json.hpp"
#include "fleet/stream_reader.hpp"

namespace tocsin::fleet {

using cli::padded;
using cli::text_at;
using nlohmann::json;

namespace {

constexpr double kCoverageGood = 0.999;

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

}  // namespace

bool HostStatus::silent(WallNs now_ns) const {
  const auto interval = cli::number_at(beat, "/interval_s").value_or(60);
  const auto bounded = std::clamp(interval, 1.0, 86'400.0);
  return static_cast<double>(now_ns - heard_ns) > HostWatch::kBeatsMissed * bounded * 1e9;
}

std::string HostStatus::trouble(WallNs now_ns) const {
  if (silent(now_ns)) return "silent";
  if (!cli::flag_at(beat, "/up")) return "tocsind is down";
  const auto* failed = cli::find_at(beat, "/daemon/hooks/failed");
  if (failed != nullptr && failed->is_array() && !failed->empty()) return "hooks failed";
  const auto* blind = cli::find_at(beat, "/daemon/blind");
  if (blind != nullptr && blind->is_array() && !blind->empty()) return "self-proof failed";
  if (const auto* lost = cli::find_at(beat, "/daemon/lost"); lost != nullptr && !lost->empty())
    return "lost events";
  if (const auto c = cli::number_at(beat, "/daemon/coverage"); c && *c < kCoverageGood)
    return "hash coverage";
  if (const auto* dropped = cli::find_at(beat, "/spool/dropped");
      dropped != nullptr && !dropped->empty())
    return "spool was full";
  return {};
}

Result<std::vector<HostStatus>> hosts_of(Connection& connection, const Subjects& subjects) {
  std::map<std::string, HostStatus> hosts;
  TOCSIN_TRY_VOID(read_all(connection,
                           {.stream = kStreamBeats, .subject = subjects.every(Kind::kBeat)},
                           [&](Message message) {
                             const auto from = subjects.parse_up(message.subject);
                             auto beat = parse_hostile(message.data);
                             if (from && beat.is_object() && beat.contains("tocsin"))
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
    static constexpr std::size_t kRooms[] = {8, 8, 20, 16, 10, 14};
    std::string text = padded(host, room + 2);
    for (std::size_t i = 0; i < rest.size(); ++i)
      text += i < std::size(kRooms) ? padded(rest[i], kRooms[i]) : rest[i];
    return text;
  };
  std::vector<std::string> lines = {out.paint(
      cli::Tone::kDim,
      line("host", {"heard", "version", "kernel", "hooks", "hashed", "sets", "trouble"}))};
  for (const auto& host : hosts) {
    const auto trouble = host.trouble(now_ns);
    const auto tone = trouble == "silent" ? cli::Tone::kBad : cli::Tone::kWarn;
    lines.push_back(line(
        host.host, {age_of(host.heard_ns, now_ns), text_at(host.beat, "/daemon/version", 7),
                    text_at(host.beat, "/daemon/kernel", 19), hooks_text(host.beat),
                    coverage_text(host.beat), sets_text(host.beat), out.paint(tone, trouble)}));
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
