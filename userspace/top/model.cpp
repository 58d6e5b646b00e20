// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/text.hpp"
#include "cli/json_view.hpp"
#include "report/words.hpp"

namespace tocsin::top {
namespace {

using cli::count_at;
using cli::find_at;
using cli::flag_at;
using cli::number_at;
using cli::text_at;
using nlohmann::json;

constexpr std::size_t kDigestShown = 12;  // enough to tell programs apart by eye
constexpr std::size_t kPortMax = 65'535;
constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high",
                                                         "critical"};

std::string kept(const std::string& line) {
  return line.size() <= limits::kTopLineBytesMax ? line : std::string();
}

std::string short_text(const json& object, const char* path) {
  return text_at(object, path, limits::kTopTextBytesMax);
}

// The file that decides what happens: the script behind an interpreter, else the program.
struct Subject {
  const json& facts;  // has sha256, hash_miss, package, …
  std::string path;
};
Subject subject_of(const json& event) {
  if (const json* script = find_at(event, "/script"); script != nullptr && script->is_object())
    if (auto path = short_text(*script, "/path"); !path.empty()) return {*script, std::move(path)};
  return {event, short_text(event, "/path")};
}

// Which package answers for the file.
void set_owner(const json& facts, ProgramRow& row) {
  const json* package = find_at(facts, "/package");
  const json* packaged = find_at(facts, "/packaged");
  const auto name = text_at(facts, "/package", 64);
  if (!name.empty()) {
    const json* intact = find_at(facts, "/package_intact");
    const bool changed = intact != nullptr && *intact == false;
    row.owner = changed ? name + ", changed" : name;
    row.owner_tone = changed ? Tone::kBad : Tone::kPlain;
  } else if (flag_at(facts, "/image_layer")) {
    row.owner = "(image)";
    row.owner_tone = Tone::kPlain;
  } else if (package != nullptr || (packaged != nullptr && *packaged == false)) {
    row.owner = "no package";
    row.owner_tone = Tone::kWarn;
  } else {
    row.owner = "unknown";
    row.owner_tone = Tone::kDim;
  }
}

void set_hash(const json& facts, ProgramRow& row) {
  if (const auto digest = text_at(facts, "/sha256", 64); !digest.empty()) {
    row.hash = digest.substr(0, kDigestShown);
    row.hash_tone = Tone::kPlain;
  } else if (const auto miss = text_at(facts, "/hash_miss", 32); !miss.empty()) {
    row.hash = "no: " + miss;
    row.hash_tone = Tone::kWarn;
  } else {
    row.hash = "unknown";
    row.hash_tone = Tone::kDim;
  }
}

std::string host_port(const std::string& host, std::uint64_t port) {
  if (port == 0 || port > kPortMax) return host;
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string beacon_place(const json& beacon) {
  const auto to = text_at(beacon, "/destination", 255);
  if (to == "*rare*") return "changing places of its own";
  if (text_at(beacon, "/kind", 16) == "dns") return "names below " + to;
  return host_port(to, count_at(beacon, "/port"));
}

BeaconRow beacon_row(const json& beacon) {
  BeaconRow row;
  row.program = text_at(beacon, "/subject/path", limits::kTopTextBytesMax);
  if (row.program.empty()) row.program = "(unknown program)";
  row.where = beacon_place(beacon);
  row.verdict = text_at(beacon, "/verdict", 16);
  row.score = number_at(beacon, "/score").value_or(0);
  row.probability = number_at(beacon, "/probability").value_or(0);
  row.contacts = count_at(beacon, "/contacts");
  row.period_s = number_at(beacon, "/period_s").value_or(0);
  row.period = row.period_s > 0 && number_at(beacon, "/timing").value_or(0) > 0
                   ? fmt::format("{} ±{:.0f} %", report::span_words(row.period_s),
                                 100 * number_at(beacon, "/jitter").value_or(0))
                   : "not regular";
  row.key = fmt::format("{}\n{}\n{}\n{}", text_at(beacon, "/subject/sha256", 64), row.program,
                        row.where, text_at(beacon, "/container", 64));
  row.beacon = beacon;
  return row;
}

std::uint64_t lost_in(const json& status, std::string& words) {
  std::uint64_t lost = 0;
  const json* stages = find_at(status, "/loss");
  if (stages == nullptr || !stages->is_array()) return 0;
  for (const auto& stage : *stages) {
    const auto count = count_at(stage, "/count");
    if (count == 0) continue;
    lost += count;
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", text_at(stage, "/stage", 64), count);
  }
  return lost;
}

Pulse pulse_of(const json& status) {
  Pulse out;
  out.version = text_at(status, "/version", 32);
  out.pid = count_at(status, "/pid");
  out.uptime_s = number_at(status, "/uptime_s").value_or(0);
  out.cpu_s = number_at(status, "/cpu_s").value_or(0);
  out.rss_bytes = number_at(status, "/memory/rss_bytes").value_or(0);
  out.coverage = number_at(status, "/hash/coverage");
  out.executions = count_at(status, "/hash/executions");
  out.alerts = count_at(status, "/alerts/total");
  out.beacon_keys = count_at(status, "/beacons/keys");
  out.lost = lost_in(status, out.loss_words);
  out.proof_overdue = flag_at(status, "/self_proof/overdue");
  out.blind = cli::joined_at(status, "/self_proof/blind", ", ", 200);
  if (const json* kinds = find_at(status, "/events"); kinds != nullptr && kinds->is_object())
    for (const auto& [kind, counts] : kinds->items())
      if (const auto seen = count_at(counts, "/seen"); seen > 0)
        out.seen[printable(kind, 32)] = seen;
  if (const json* severities = find_at(status, "/alerts/by_severity");
      severities != nullptr && severities->is_object())
    for (const auto& severity : kSeverities)
      out.severity[std::string(severity)] =
          count_at(*severities, fmt::format("/{}", severity).c_str());
  return out;
}

double per_second(std::uint64_t before, std::uint64_t after, double seconds) {
  return after > before ? static_cast<double>(after - before) / seconds : 0;
}

std::optional<Rates> rates_between(const Pulse& before, const Pulse& after) {
  const double seconds = after.uptime_s - before.uptime_s;
  if (before.pid != after.pid || !(seconds > 0.05)) return std::nullopt;
  Rates out;
  for (const auto& [kind, seen] : after.seen) {
    const auto it = before.seen.find(kind);
    const auto rate = per_second(it == before.seen.end() ? 0 : it->second, seen, seconds);
    out.by_kind[kind] = rate;
    out.all += rate;
  }
  out.lost = per_second(before.lost, after.lost, seconds);
  out.cpu = std::max(0.0, (after.cpu_s - before.cpu_s) / seconds);
  return out;
}

}  // namespace

void Model::on_event(const std::string& line) {
  if (held_) {
    ++passed_by_;
    return;
  }
  const auto event = json::parse(line, nullptr, false);
  if (!event.is_object()) return;
  const auto kind = text_at(event, "/kind", 16);
  if (kind == "exec") return on_exec(event, line);
  if (kind == "connect" || kind == "tls" || kind == "quic" || kind == "http")
    on_contact(event, line);
}

// Who logged in, else whom it runs as. The users of a container are not this host's.
std::string Model::user_of(const json& event) const {
  auto user = text_at(event, "/login/user", 32);
  if (!user.empty()) return user;
  const json* uid = find_at(event, "/uid");
  if (uid == nullptr || !uid->is_number_unsigned() || *uid > UINT32_MAX) return {};
  if (user_name_ && find_at(event, "/container") == nullptr)
    user = printable(user_name_(uid->get<std::uint32_t>()), 32);
  return user.empty() ? std::to_string(uid->get<std::uint32_t>()) : user;
}

void Model::on_exec(const json& event, const std::string& line) {
  const auto subject = subject_of(event);
  auto container = text_at(event, "/container_name", 64);
  if (container.empty()) container = text_at(event, "/container", kDigestShown);
  const auto key =
      fmt::format("{}\n{}\n{}", subject.path, container, text_at(subject.facts, "/sha256", 64));
  auto& row = programs_.get(key, [this](auto&, auto&) { ++dropped_rows_; });
  const double time = number_at(event, "/ts").value_or(0);
  if (row.count++ == 0) {
    row.number = ++numbers_;
    row.first = time;
    row.path = subject.path.empty() ? "(unknown path)" : subject.path;
    row.container = std::move(container);
  }
  set_owner(subject.facts, row);
  set_hash(subject.facts, row);
  row.user = user_of(event);
  row.last = time;
  row.line = kept(line);
}

// A contact, or the name that a hello gave to one: that does not count again.
void Model::on_contact(const json& event, const std::string& line) {
  const auto address = text_at(event, "/addr", 64);
  const auto port = count_at(event, "/port");
  const bool hello = text_at(event, "/kind", 16) != "connect";
  const auto host = text_at(event, "/host", 255);
  if (hello && host.empty()) return;
  const auto name = host_port(host.empty() ? address : host, port);
  auto& row = destinations_.get(name, [this](auto&, auto&) { ++dropped_rows_; });
  const double time = number_at(event, "/ts").value_or(0);
  if (row.number == 0) {
    row.number = ++numbers_;
    row.first = time;
    row.name = name.empty() ? "(unknown address)" : name;
  }
  row.last = time;
  row.address = address;
  if (hello) {
    row.source = text_at(event, "/kind", 16) + (flag_at(event, "/ech") ? " (ECH)" : "");
    if (row.line.empty()) row.line = kept(line);
    return;
  }
  ++row.count;
  if (auto source = text_at(event, "/host_source", 32); !source.empty() || row.source.empty())
    row.source = source.empty() ? "address only" : source;
  row.result = text_at(event, "/result", 16);
  row.program = text_at(event, "/comm", 16);
  row.line = kept(line);
}

void Model::on_alert(const std::string& line) {
  if (held_) {
    waiting_.push_back(line);
    if (waiting_.size() > limits::kTopAlertsMax) waiting_.pop_front();
    return;
  }
  const auto alert = json::parse(line, nullptr, false);
  if (!alert.is_object()) return;
  AlertRow row;
  row.id = text_at(alert, "/event/id", 64);
  row.severity = text_at(alert, "/tocsin/severity", 16);
  row.rank = static_cast<int>(std::ranges::find(kSeverities, row.severity) - kSeverities.begin()) %
             static_cast<int>(kSeverities.size());
  row.message = short_text(alert, "/message");
  row.time = number_at(alert, "/tocsin/time").value_or(0);
  row.repeats = count_at(alert, "/tocsin/repeats");
  row.line = kept(line);
  // After the daemon was away its latest alerts come again.
  const auto known = std::ranges::find_if(
      alerts_, [&](const AlertRow& other) { return !row.id.empty() && other.id == row.id; });
  if (known != alerts_.end()) {
    *known = std::move(row);
    return;
  }
  alerts_.push_back(std::move(row));
  if (alerts_.size() > limits::kTopAlertsMax) alerts_.pop_front();
}

void Model::on_status(const json& status) {
  auto pulse = pulse_of(status);
  if (pulse_) rates_ = rates_between(*pulse_, pulse);
  pulse_ = std::move(pulse);
}

void Model::on_beacons(const std::vector<json>& beacons) {
  if (held_) return;
  beacons_.clear();
  std::map<std::string, IntervalsOfBeacon> still;
  for (const auto& beacon : beacons) {
    if (beacons_.size() == limits::kTopBeaconsMax) break;
    if (!beacon.is_object()) continue;
    beacons_.push_back(beacon_row(beacon));
    if (auto node = intervals_.extract(beacons_.back().key)) still.insert(std::move(node));
  }
  intervals_ = std::move(still);
}

void Model::on_intervals(const std::string& key, IntervalsOfBeacon intervals) {
  if (intervals.seconds.size() > limits::kTopIntervalsMax)
    intervals.seconds.erase(
        intervals.seconds.begin(),
        intervals.seconds.end() - static_cast<std::ptrdiff_t>(limits::kTopIntervalsMax));
  if (std::ranges::find(beacons_, key, &BeaconRow::key) != beacons_.end())
    intervals_[key] = std::move(intervals);
}

void Model::hold(bool held) {
  if (held_ == held) return;
  held_ = held;
  passed_by_ = 0;
  for (auto waiting = std::exchange(waiting_, {}); const auto& line : waiting) on_alert(line);
}

std::vector<const ProgramRow*> Model::programs() const {
  std::vector<const ProgramRow*> out;
  out.reserve(programs_.size());
  programs_.for_each([&](const std::string&, const ProgramRow& row) { out.push_back(&row); });
  return out;
}

std::vector<const DestinationRow*> Model::destinations() const {
  std::vector<const DestinationRow*> out;
  out.reserve(destinations_.size());
  destinations_.for_each(
      [&](const std::string&, const DestinationRow& row) { out.push_back(&row); });
  return out;
}

const IntervalsOfBeacon* Model::intervals(const std::string& key) const {
  const auto it = intervals_.find(key);
  return it != intervals_.end() ? &it->second : nullptr;
}

}  // namespace tocsin::top
