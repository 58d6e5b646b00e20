// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/sim_host.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256_of.hpp"

namespace tocsin::test::sim {
namespace {

constexpr double kBegin = 1'750'000'000;  // of every recording, Unix seconds

double rounded(double seconds) {
  return std::round(seconds * 1e4) / 1e4;
}

}  // namespace

Json to_json(const Truth& t) {
  return {{"host", t.host},
          {"kind", t.kind},
          {"path", t.path},
          {"sha256", t.sha256},
          {"destination", t.destination},
          {"malicious", t.malicious},
          {"vendor", t.vendor},
          {"shell", t.shell},
          {"shell_at", t.shell_at == 0 ? Json() : Json(kBegin + t.shell_at)},
          {"timing", t.timing}};
}

Dialect Dialect::drawn(Random& random) {
  Dialect out;
  out.forks = random.chance(0.6);
  out.exits = random.chance(0.7);
  out.starts = random.chance(0.85);
  out.parent_starts = random.chance(0.5);
  out.packages = random.chance(0.85);
  out.nulls = random.chance(0.4);
  out.hosts = random.chance(0.6);
  out.results = random.chance(0.7);
  out.intact = random.chance(0.8);
  out.image_layers = random.chance(0.8);
  return out;
}

Host::Host(std::string name, std::uint64_t seed, double days)
    : name_(std::move(name)), days_(days), random_(seed), dialect_(Dialect::drawn(random_)) {
  starts_[1] = -kDay;
  line(0, 1, "exec",
       {{"path", "/usr/lib/systemd/systemd"},
        {"argv", {"/sbin/init"}},
        {"uid", 0},
        {"sha256", sha256_of("systemd").hex()}});
}

void Host::line(double at, int pid, const char* kind, Json members) {
  if (at >= end()) return;
  members["ts"] = rounded(kBegin + at);
  members["kind"] = kind;
  members["pid"] = pid;
  if (dialect_.starts) members["start"] = rounded(kBegin + starts_[pid]);
  lines_.push_back({at, lines_.size(), members.dump()});
}

std::string Host::digest_of(const Program& p) {
  return p.sha256.empty() ? sha256_of(p.path + '\0' + p.version).hex() : p.sha256;
}

int Host::run(double at, int ppid, const Program& program) {
  const int pid = next_pid_++;
  starts_[pid] = at;
  parents_[pid] = ppid;
  if (dialect_.forks && ppid != 0) {
    Json fork = {{"ppid", ppid}};
    if (dialect_.starts && dialect_.parent_starts) fork["pstart"] = rounded(kBegin + starts_[ppid]);
    line(at, pid, "fork", std::move(fork));
  }
  run_in(at + 0.001, pid, program);
  return pid;
}

void Host::run_in(double at, int pid, const Program& program) {
  Json members = program.more;
  members["path"] = program.path;
  members["argv"] = program.argv.empty() ? std::vector<std::string>{program.path} : program.argv;
  members["sha256"] = digest_of(program);
  if (const int ppid = parents_[pid]; ppid != 0) {
    members["ppid"] = ppid;
    if (dialect_.starts && dialect_.parent_starts)
      members["pstart"] = rounded(kBegin + starts_[ppid]);
  }
  if (dialect_.packages && program.package != "?") {
    members["package"] = program.package;
    if (program.package.empty() && dialect_.nulls) members["package"] = nullptr;
    if (!program.package.empty() && dialect_.intact && !members.contains("package_intact"))
      members["package_intact"] = true;
  }
  if (!dialect_.image_layers) members.erase("image_layer");
  line(at, pid, "exec", std::move(members));
}

void Host::exit(double at, int pid) {
  if (dialect_.exits) line(at, pid, "exit", Json::object());
}

void Host::module(double at, int pid, const std::string& path, Json members) {
  members["path"] = path;
  if (!dialect_.packages) members.erase("package"), members.erase("package_intact");
  line(at, pid, "module", std::move(members));
}

void Host::connect(double at, int pid, const Call& call) {
  const auto addr = call.addr.empty() ? address_of(call.host) : call.addr;
  if (!dialect_.hosts && !call.host.empty())
    line(at - 0.02, pid, "dns",
         {{"qname", call.host},
          {"qtype", "A"},
          {"rcode", "NOERROR"},
          {"answers", {{{"type", "A"}, {"data", addr}, {"ttl", 60}}}}});
  Json members = {{"proto", call.proto}, {"addr", addr}, {"port", call.port}};
  if (dialect_.results) members["result"] = call.result;
  if (dialect_.hosts && !call.host.empty()) {
    members["host"] = call.host;
    members["host_source"] = "own-dns";
  }
  line(at, pid, "connect", std::move(members));
  if (call.bytes > 0)
    line(at + call.duration, pid, "close",
         {{"addr", addr},
          {"port", call.port},
          {"bytes_out", static_cast<std::uint64_t>(call.bytes)},
          {"duration", call.duration}});
}

void Host::question(double at, int pid, const std::string& name, const char* type) {
  line(at, pid, "dns", {{"qname", name}, {"qtype", type}});
}

std::string Host::address_of(const std::string& name, int index) {
  const auto digest = sha256_of(fmt::format("{}#{}", name, index));
  return fmt::format("{}.{}.{}.{}", 20 + digest.bytes[0] % 70, digest.bytes[1], digest.bytes[2],
                     1 + digest.bytes[3] % 250);
}

std::string Host::lines() const {
  std::vector<const Line*> sorted;
  sorted.reserve(lines_.size());
  for (const auto& line : lines_) sorted.push_back(&line);
  std::ranges::sort(sorted, {}, [](const Line* l) { return std::pair(l->at, l->order); });
  std::string out;
  for (const auto* line : sorted) out.append(line->text).push_back('\n');
  return out;
}

}  // namespace tocsin::test::sim
