// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/metrics_text.hpp"

#include <sstream>
#include <string>

#include "base/histogram.hpp"
#include "base/metrics_writer.hpp"
#include "test.hpp"

using namespace tocsin;
using Json = nlohmann::json;

namespace {

bool holds_line(const std::string& page, const std::string& wanted) {
  std::istringstream in(page);
  for (std::string line; std::getline(in, line);)
    if (line == wanted) return true;
  return false;
}

}  // namespace

TEST_CASE("label values are escaped, and a family without samples is not there", "[metrics]") {
  MetricsWriter out;
  out.family("tocsin_empty", MetricsWriter::Type::kGauge, "nothing");
  out.family("tocsin_odd", MetricsWriter::Type::kCounter, "odd labels");
  out.sample(std::uint64_t{7}, {{"set", "a\"b\\c"}, {"stage", "x"}});
  out.sample(0.5);
  const auto page = out.take();
  CHECK(page ==
        "# HELP tocsin_odd odd labels\n# TYPE tocsin_odd counter\n"
        "tocsin_odd{set=\"a\\\"b\\\\c\",stage=\"x\"} 7\ntocsin_odd 0.5\n");
  MetricsWriter hostile;
  hostile.family("tocsin_odd", MetricsWriter::Type::kCounter, "odd labels");
  hostile.sample(std::uint64_t{1}, {{"set", "a\nb\xff\x1b[31m"}});
  const auto text = hostile.take();
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\xff') == std::string::npos);
}

TEST_CASE("durations are counted in the first bucket that holds them", "[metrics]") {
  DurationHistogram histogram;
  histogram.add(0);
  histogram.add(DurationHistogram::bound_ns(0));
  histogram.add(DurationHistogram::bound_ns(0) + 1);
  histogram.add(DurationHistogram::bound_ns(DurationHistogram::kBuckets - 1) + 1);
  CHECK(histogram.count() == 4);
  CHECK(histogram.buckets()[0] == 2);
  CHECK(histogram.buckets()[1] == 1);
  CHECK(histogram.buckets().back() == 0);
}

TEST_CASE("the status becomes a page of metrics, and what it lacks is left out", "[metrics]") {
  const Json status = {
      {"version", "1.2.3"},
      {"hooks",
       {{{"event", "exec"}, {"state", "fallback"}}, {{"event", "connect"}, {"state", "failed"}}}},
      {"events", {{"exec", {{"seen", 5}, {"lost", 1}, {"skipped", 0}}}}},
      {"loss", {{{"stage", "ring/exec"}, {"count", 1}}}},
      {"last_self_proof", 1764072000},
      {"self_proof",
       {{"last",
         {{"actions",
           {{{"action", "tcp"}, {"state", "proved"}},
            {{"action", "udp"}, {"state", "unseen"}},
            {{"action", "library"}, {"state", "not-provable"}}}}}}}},
      {"alerts",
       {{"by_kind", {{{"kind", "exec-hash"}, {"severity", "high"}, {"count", 2}}}},
        {"latency_s",
         {{"count", 2},
          {"sum", 0.25},
          {"buckets", {{{"le", 0.001}, {"count", 1}}, {{"le", 1.0}, {"count", 2}}}}}}}}};
  const auto page = metrics_text(status);
  INFO(page);
  CHECK(holds_line(page, "tocsin_build_info{version=\"1.2.3\"} 1"));
  CHECK(holds_line(page, "tocsin_hook_attached{event=\"exec\"} 1"));
  CHECK(holds_line(page, "tocsin_hook_attached{event=\"connect\"} 0"));
  CHECK(holds_line(page, "tocsin_events_lost_total{stage=\"ring/exec\"} 1"));
  CHECK(holds_line(page, "tocsin_alerts_total{rule=\"exec-hash\",severity=\"high\"} 2"));
  CHECK(holds_line(page, "tocsin_alert_latency_seconds_bucket{le=\"0.001\"} 1"));
  CHECK(holds_line(page, "tocsin_alert_latency_seconds_bucket{le=\"+Inf\"} 2"));
  CHECK(holds_line(page, "tocsin_alert_latency_seconds_sum 0.25"));
  CHECK(holds_line(page, "tocsin_self_proof_timestamp_seconds 1764072000"));
  CHECK(holds_line(page, "tocsin_self_proof_seen{action=\"tcp\"} 1"));
  CHECK(holds_line(page, "tocsin_self_proof_seen{action=\"udp\"} 0"));
  CHECK(page.find("action=\"library\"") == std::string::npos);
  CHECK(page.find("tocsin_hash_seconds") == std::string::npos);
  CHECK(page.find("tocsin_sink") == std::string::npos);
  CHECK(page.find("tocsin_relay_connected") == std::string::npos);
  CHECK(holds_line(metrics_text({{"relay", {{"connected", false}}}}), "tocsin_relay_connected 0"));
  CHECK(holds_line(metrics_text({{"relay", {{"connected", true}}}}), "tocsin_relay_connected 1"));
}
