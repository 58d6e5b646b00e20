// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/status.hpp"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "alert/alert_kind.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

constexpr std::array<const char*, TW_KIND_COUNT> kWireKinds = {
    "",       "fork",    "exec",    "exit",      "connect", "connect-result", "close",
    "cgroup", "dns-udp", "dns-tcp", "tcp-start", "quic",    "module",         "refused"};

double unix_seconds(WallNs t) {
  return static_cast<double>(t) / 1e9;
}

Json hooks_json(const StatusInput& in) {
  Json out = Json::array();
  for (const auto& hook : in.hooks) {
    const bool off = std::ranges::find(in.disabled_hooks, hook.event) != in.disabled_hooks.end();
    const char* state = off                                  ? "off"
                        : hook.state == HookState::kPrimary  ? "attached"
                        : hook.state == HookState::kFallback ? "fallback"
                                                             : "failed";
    Json refused = Json::array();
    for (const auto& r : hook.refused) refused.push_back({{"hook", r.hook}, {"reason", r.reason}});
    out.push_back({{"event", hook.event},
                   {"hook", hook.hook},
                   {"state", state},
                   {"detail", describe(hook)},
                   {"lost", hook.lost},
                   {"refused", std::move(refused)}});
  }
  return out;
}

Json events_json(const StatusInput& in) {
  Json out = Json::object();
  for (std::size_t kind = TW_FORK; kind < TW_KIND_COUNT; ++kind) {
    const auto& c = in.capture.by_kind[kind];
    out[kWireKinds[kind]] = {
        {"seen", c.read}, {"lost", c.lost}, {"skipped", c.skipped}, {"unowned", c.unowned}};
  }
  return out;
}

Json tally_json(const HashTally& tally) {
  Json rungs = Json::object();
  Json misses = Json::object();
  for (std::size_t i = 0; i < tally.by_rung.size(); ++i)
    if (tally.by_rung[i] > 0) rungs[to_string(static_cast<HashRung>(i))] = tally.by_rung[i];
  for (std::size_t i = 0; i < tally.by_miss.size(); ++i)
    if (tally.by_miss[i] > 0) misses[to_string(static_cast<HashMiss>(i))] = tally.by_miss[i];
  return {{"executions", tally.requests},
          {"hashed", tally.hashed},
          {"coverage", tally.coverage()},
          {"cached", tally.cached},
          {"shared", tally.shared},
          {"doubted", tally.doubted},
          {"by_rung", std::move(rungs)},
          {"missed", tally.missed},
          {"misses", std::move(misses)},
          {"gone",
           {{"memfd", tally.gone_memfd},
            {"unlinked", tally.gone_unlinked},
            {"other", tally.gone_other}}}};
}

// Cumulative, as Prometheus wants it.
Json histogram_json(const DurationHistogram& histogram) {
  Json buckets = Json::array();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < DurationHistogram::kBuckets; ++i) {
    below += histogram.buckets()[i];
    buckets.push_back(
        {{"le", static_cast<double>(DurationHistogram::bound_ns(i)) / 1e9}, {"count", below}});
  }
  return {{"count", histogram.count()},
          {"sum", static_cast<double>(histogram.sum_ns()) / 1e9},
          {"buckets", std::move(buckets)}};
}

Json hash_json(const HashCounters& hash) {
  Json out = tally_json(hash.executables);
  out["scripts"] = tally_json(hash.scripts);
  out["modules"] = tally_json(hash.modules);
  out["files_read"] = hash.files_read;
  out["bytes_read"] = hash.bytes_read;
  out["read_s"] = histogram_json(hash.reading);
  out["queued"] = hash.queued;
  out["cache_entries"] = hash.cache_entries;
  return out;
}

Json alerts_json(const AlertDesk& alerts) {
  Json by_severity = Json::object();
  for (std::size_t i = 0; i < alerts.by_severity().size(); ++i)
    by_severity[to_string(static_cast<Severity>(i))] = alerts.by_severity()[i];
  Json by_kind = Json::array();
  for (const auto& [key, count] : alerts.by_kind())
    by_kind.push_back({{"kind", facts_of(key.first).code},
                       {"severity", to_string(key.second)},
                       {"count", count}});
  return {{"total", alerts.reported()},
          {"by_severity", std::move(by_severity)},
          {"by_kind", std::move(by_kind)},
          {"latency_s", histogram_json(alerts.latency())},
          {"folded", alerts.fold_stats().folded}};
}

Json programs_json(const CaptureCounters& capture) {
  Json out = Json::array();
  for (const auto& program : capture.programs)
    out.push_back({{"name", program.name},
                   {"runs", program.runs},
                   {"run_s", static_cast<double>(program.run_ns) / 1e9},
                   {"skipped", program.recursion_misses}});
  return out;
}

Json loss_json(const LossLedger& losses) {
  Json out = Json::array();
  for (const auto& [stage, count] : losses.totals())
    out.push_back({{"stage", stage}, {"count", count}});
  return out;
}

std::uint64_t rss_bytes() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto s = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return s(usage.ru_utime) + s(usage.ru_stime);
}

}  // namespace

Json packages_json(const PackageService& packages) {
  const auto& reading = packages.reading();
  Json databases = Json::array();
  for (const auto& database : reading.databases)
    databases.push_back({{"manager", to_string(database.manager)},
                         {"path", database.path.string()},
                         {"packages", database.packages},
                         {"files", database.files},
                         {"faults", database.faults},
                         {"error", database.error}});
  return {{"databases", std::move(databases)},
          {"read", reading.index != nullptr},
          {"complete", reading.complete()},
          {"files", reading.index == nullptr ? 0 : reading.index->files()},
          {"bytes", reading.index == nullptr ? 0 : reading.index->bytes()},
          {"left_out", reading.left_out},
          {"read_s", static_cast<double>(packages.read_ns()) / 1e9}};
}

Json sets_json(const IndicatorStore& store) {
  Json out = Json::array();
  for (const auto& file : store.files()) {
    Json by_type = Json::object();
    for (std::size_t i = 0; i < file.summary.accepted.size(); ++i)
      if (file.summary.accepted[i] > 0)
        by_type[to_string(static_cast<IndicatorType>(i))] = file.summary.accepted[i];
    Json refusals = Json::array();
    for (const auto& r : file.summary.refusals)
      refusals.push_back({{"line", r.line}, {"reason", r.reason}});
    out.push_back({{"name", file.summary.meta.set},
                   {"path", file.path.string()},
                   {"total", file.summary.accepted_total()},
                   {"by_type", std::move(by_type)},
                   {"expired", file.summary.expired},
                   {"review", file.summary.review},
                   {"refused", file.summary.refused},
                   {"exempted", file.exempted},
                   {"exempts", file.exempts},
                   {"refusals", std::move(refusals)},
                   {"error", file.error}});
  }
  return out;
}

Json status_json(const StatusInput& in) {
  utsname name{};
  uname(&name);
  Json sinks = Json::array();
  for (const auto& sink : in.sinks.status())
    sinks.push_back({{"name", sink.name},
                     {"delivered", sink.delivered},
                     {"errors", sink.errors},
                     {"dropped", sink.dropped},
                     {"absent", sink.absent},
                     {"queued", sink.queued},
                     {"health", to_string(sink.health.state)},
                     {"detail", sink.health.detail}});
  return {{"version", TOCSIN_VERSION},
          {"pid", getpid()},
          {"started", unix_seconds(in.started_ns)},
          {"uptime_s", unix_seconds(in.now_ns - in.started_ns)},
          {"kernel", name.release},
          {"hooks", hooks_json(in)},
          {"events", events_json(in)},
          {"programs", programs_json(in.capture)},
          {"decode_errors", in.pipeline.decode_errors},
          {"hash", hash_json(in.hash)},
          {"processes",
           {{"tracked", in.processes.tracked},
            {"evicted", in.processes.evicted},
            {"orphans", in.processes.orphans}}},
          {"indicators",
           {{"sets", sets_json(in.indicators)}, {"total", in.indicators.current()->size()}}},
          {"names", in.names},
          {"alerts", alerts_json(in.alerts)},
          {"sinks", std::move(sinks)},
          {"loss", loss_json(in.losses)},
          {"memory", {{"rss_bytes", rss_bytes()}}},
          {"cpu_s", cpu_seconds()},
          {"last_self_proof", nullptr}};
}

}  // namespace tocsin
