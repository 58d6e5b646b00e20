// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/metrics_text.hpp"

#include <fmt/format.h>

#include <string_view>

#include "base/metrics_writer.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;
using Type = MetricsWriter::Type;

// Null when a member on the way is not there.
const Json& at(const Json& json, std::string_view path) {
  static const Json kNothing;
  const Json* here = &json;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto member = here->is_object() ? here->find(path.substr(0, slash)) : here->end();
    if (!here->is_object() || member == here->end()) return kNothing;
    here = &*member;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return *here;
}

std::string text(const Json& json, std::string_view path) {
  const auto& value = at(json, path);
  return value.is_string() ? value.get<std::string>() : std::string();
}

class Page {
 public:
  explicit Page(const Json& status) : status_(status) {}

  std::string write() {
    about();
    hooks();
    events();
    losses();
    hashing();
    names();
    indicators();
    alerts();
    sinks();
    self_proof();
    history();
    return out_.take();
  }

 private:
  void value(const Json& number, MetricsWriter::Labels labels = {}) {
    if (number.is_number_unsigned() ||
        (number.is_number_integer() && number.get<std::int64_t>() >= 0))
      return out_.sample(number.get<std::uint64_t>(), labels);
    if (number.is_number()) out_.sample(number.get<double>(), labels);
  }

  void one(std::string_view name, Type type, std::string_view help, std::string_view path) {
    out_.family(name, type, help);
    value(at(status_, path));
  }

  // One sample for each member of the object at path.
  void by_member(std::string_view name, std::string_view help, std::string_view path,
                 std::string_view label) {
    out_.family(name, Type::kCounter, help);
    for (const auto& [key, count] : at(status_, path).items()) value(count, {{label, key}});
  }

  // One sample for each element of the array at path.
  struct Column {
    std::string_view path, label, label_path, value_path;
  };
  void by_element(std::string_view name, Type type, std::string_view help, const Column& column) {
    out_.family(name, type, help);
    for (const auto& element : at(status_, column.path))
      value(at(element, column.value_path), {{column.label, text(element, column.label_path)}});
  }

  void histogram(std::string_view name, std::string_view help, std::string_view path) {
    const auto& data = at(status_, path);
    if (!data.is_object()) return;
    out_.family(name, Type::kHistogram, help);
    for (const auto& bucket : at(data, "buckets"))
      out_.sample(at(bucket, "count").get<std::uint64_t>(),
                  {{"le", fmt::format("{}", at(bucket, "le").get<double>())}}, "_bucket");
    const auto count = at(data, "count").get<std::uint64_t>();
    out_.sample(count, {{"le", "+Inf"}}, "_bucket");
    out_.sample(at(data, "sum").get<double>(), {}, "_sum");
    out_.sample(count, {}, "_count");
  }

  void about();
  void hooks();
  void events();
  void losses();
  void hashing();
  void names();
  void indicators();
  void alerts();
  void sinks();
  void self_proof();
  void history();

  const Json& status_;
  MetricsWriter out_;
};

void Page::about() {
  out_.family("tocsin_build_info", Type::kGauge, "The version that runs; always 1.");
  out_.sample(std::uint64_t{1}, {{"version", text(status_, "version")}});
  one("tocsin_start_time_seconds", Type::kGauge, "When the daemon started, Unix time.", "started");
  one("process_resident_memory_bytes", Type::kGauge, "Resident memory of the daemon.",
      "memory/rss_bytes");
  one("process_cpu_seconds_total", Type::kCounter, "Processor time of the daemon.", "cpu_s");
}

void Page::hooks() {
  const auto state = [&](const Json& hook) {
    const auto word = text(hook, "state");
    return word == "attached" || word == "fallback";
  };
  out_.family("tocsin_hook_attached", Type::kGauge,
              "Whether events of this kind come from the kernel.");
  for (const auto& hook : at(status_, "hooks"))
    out_.sample(std::uint64_t{state(hook) ? 1U : 0U}, {{"event", text(hook, "event")}});
  by_element("tocsin_bpf_runs_total", Type::kCounter,
             "Runs of a kernel program, while BPF statistics are on.",
             {"programs", "program", "name", "runs"});
  by_element("tocsin_bpf_run_seconds_total", Type::kCounter,
             "Time in a kernel program, while BPF statistics are on.",
             {"programs", "program", "name", "run_s"});
}

void Page::events() {
  out_.family("tocsin_events_received_total", Type::kCounter, "Events that the kernel reported.");
  for (const auto& [kind, counts] : at(status_, "events").items())
    value(at(counts, "seen"), {{"kind", kind}});
  out_.family("tocsin_events_skipped_total", Type::kCounter,
              "Events that were of no interest: not a loss.");
  for (const auto& [kind, counts] : at(status_, "events").items())
    value(at(counts, "skipped"), {{"kind", kind}});
  one("tocsin_decode_errors_total", Type::kCounter, "Events that could not be decoded.",
      "decode_errors");
  one("tocsin_processes_tracked", Type::kGauge, "Processes in the table.", "processes/tracked");
}

void Page::losses() {
  by_element("tocsin_events_lost_total", Type::kCounter,
             "What was lost, by stage: answers about that time are incomplete.",
             {"loss", "stage", "stage", "count"});
}

void Page::hashing() {
  out_.family("tocsin_executions_total", Type::kCounter,
              "Executions whose content was to be hashed.");
  value(at(status_, "hash/executions"), {{"content", "executable"}});
  value(at(status_, "hash/scripts/executions"), {{"content", "script"}});
  out_.family("tocsin_executions_hashed_total", Type::kCounter,
              "Executions whose content is known.");
  value(at(status_, "hash/hashed"), {{"content", "executable"}});
  value(at(status_, "hash/scripts/hashed"), {{"content", "script"}});
  out_.family("tocsin_hash_cache_hits_total", Type::kCounter,
              "Executions whose content was known without reading.");
  value(at(status_, "hash/cached"), {{"content", "executable"}});
  value(at(status_, "hash/scripts/cached"), {{"content", "script"}});
  by_member("tocsin_exec_unhashed_total", "Executed files that could not be hashed, by reason.",
            "hash/misses", "reason");
  one("tocsin_hash_queue_files", Type::kGauge, "Files that wait for a hash.", "hash/queued");
  one("tocsin_hash_read_bytes_total", Type::kCounter, "Bytes read for hashing.", "hash/bytes_read");
  histogram("tocsin_hash_seconds", "Reading and hashing one file.", "hash/read_s");
}

void Page::names() {
  out_.family("tocsin_names_parsed_total", Type::kCounter,
              "DNS messages and hellos that were read.");
  value(at(status_, "names/dns"), {{"proto", "dns"}});
  value(at(status_, "names/parsers/streams/tls"), {{"proto", "tls"}});
  value(at(status_, "names/parsers/quic/hellos"), {{"proto", "quic"}});
  value(at(status_, "names/parsers/streams/http"), {{"proto", "http"}});
  out_.family("tocsin_parse_errors_total", Type::kCounter, "Messages that could not be read.");
  value(at(status_, "names/parsers/dns/damaged"), {{"proto", "dns"}});
  value(at(status_, "names/parsers/streams/malformed"), {{"proto", "tls"}});
  value(at(status_, "names/parsers/quic/malformed"), {{"proto", "quic"}});
  one("tocsin_connections_total", Type::kCounter, "Contacts that programs made or tried.",
      "names/connects");
  one("tocsin_connections_named_total", Type::kCounter, "Contacts whose destination had a name.",
      "names/connects_named");
}

void Page::indicators() {
  out_.family("tocsin_indicators_loaded", Type::kGauge, "Indicators that are watched for.");
  for (const auto& set : at(status_, "indicators/sets"))
    for (const auto& [type, count] : at(set, "by_type").items())
      value(count, {{"feed", text(set, "name")}, {"type", type}});
  out_.family("tocsin_feed_last_success_timestamp_seconds", Type::kGauge,
              "When the relay last took a feed over, Unix time; 0: never.");
  for (const auto& feed : at(status_, "relay/feeds"))
    value(at(feed, "last_ok"), {{"feed", text(feed, "set")}});
  out_.family("tocsin_feed_failures", Type::kGauge, "Failed fetches of a feed in a row.");
  for (const auto& feed : at(status_, "relay/feeds"))
    value(at(feed, "failures"), {{"feed", text(feed, "set")}});
  out_.family("tocsin_indicators_refused", Type::kGauge, "Lines of a set that were not taken.");
  for (const auto& set : at(status_, "indicators/sets"))
    value(at(set, "refused"), {{"feed", text(set, "name")}});
}

void Page::alerts() {
  out_.family("tocsin_alerts_total", Type::kCounter, "Alerts that were reported.");
  for (const auto& row : at(status_, "alerts/by_kind"))
    value(at(row, "count"), {{"rule", text(row, "kind")}, {"severity", text(row, "severity")}});
  out_.family("tocsin_alerts_suppressed_total", Type::kCounter,
              "Alerts that were counted instead of reported.");
  value(at(status_, "alerts/folded"), {{"reason", "folded"}});
  histogram("tocsin_alert_latency_seconds",
            "From the event in the kernel to the hand-over to the sinks.", "alerts/latency_s");
}

void Page::sinks() {
  by_element("tocsin_sink_delivered_total", Type::kCounter, "Alerts that a sink has written.",
             {"sinks", "sink", "name", "delivered"});
  by_element("tocsin_sink_errors_total", Type::kCounter, "Writes that failed and were tried again.",
             {"sinks", "sink", "name", "errors"});
  by_element("tocsin_sink_dropped_total", Type::kCounter, "Alerts that a sink could not keep.",
             {"sinks", "sink", "name", "dropped"});
  by_element("tocsin_sink_queued", Type::kGauge, "Alerts that wait for a sink.",
             {"sinks", "sink", "name", "queued"});
  if (const auto& relay = at(status_, "relay/connected"); relay.is_boolean()) {
    out_.family("tocsin_relay_connected", Type::kGauge, "Whether tocsin-relay is connected.");
    out_.sample(std::uint64_t{relay.get<bool>() ? 1U : 0U});
  }
  by_element("tocsin_webhook_delivered_total", Type::kCounter, "Alerts that a webhook has taken.",
             {"relay/webhooks", "webhook", "name", "delivered"});
  by_element("tocsin_webhook_refused_total", Type::kCounter,
             "Alerts that a webhook would not have and that were given up.",
             {"relay/webhooks", "webhook", "name", "refused"});
  by_element("tocsin_webhook_dropped_total", Type::kCounter,
             "Alerts that went from the relay's spool before a webhook had them.",
             {"relay/webhooks", "webhook", "name", "dropped"});
  by_element("tocsin_webhook_waiting", Type::kGauge, "Alerts in the relay's spool for a webhook.",
             {"relay/webhooks", "webhook", "name", "waiting"});
  by_element("tocsin_webhook_failures", Type::kGauge, "Failed deliveries to a webhook in a row.",
             {"relay/webhooks", "webhook", "name", "failures"});
}

void Page::history() {
  if (!at(status_, "history").is_object()) return;
  out_.family("tocsin_store_bytes", Type::kGauge, "Size of the history on disk.");
  value(at(status_, "history/seen_bytes"), {{"part", "sightings"}});
  value(at(status_, "history/day_bytes"), {{"part", "events"}});
  one("tocsin_store_rows", Type::kGauge, "Distinct sightings that are remembered.",
      "history/seen_rows");
  out_.family("tocsin_store_failing", Type::kGauge, "Whether the disk does not take the history.");
  const auto state = text(at(status_, "history"), "state");
  out_.sample(std::uint64_t{state == "failing" || state == "stuck" ? 1U : 0U});
  one("tocsin_store_alerts_queued", Type::kGauge, "Alerts that wait to be stored.",
      "history/alerts/queued");
}

void Page::self_proof() {
  one("tocsin_self_proof_timestamp_seconds", Type::kGauge,
      "When the last self-proof that could be made began, Unix time.", "last_self_proof");
  out_.family("tocsin_self_proof_seen", Type::kGauge,
              "Whether the canary's action came through, of those that can be done on this host.");
  for (const auto& action : at(status_, "self_proof/last/actions"))
    if (const auto state = text(action, "state"); state != "not-provable")
      out_.sample(std::uint64_t{state == "proved" ? 1U : 0U}, {{"action", text(action, "action")}});
}

}  // namespace

std::string metrics_text(const Json& status) {
  return Page(status).write();
}

}  // namespace tocsin
