// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/render_ocsf.hpp"

#include <fmt/format.h>

#include <array>

#include "alert/alert_kind.hpp"
#include "alert/message.hpp"
#include "alert/render_json_parts.hpp"
#include "alert/render_ocsf_parts.hpp"

namespace tocsin {
namespace {

// Numbers of the schema; tests/unit/alert/ocsf_schema.txt has them all.
constexpr int kCategoryFindings = 2;
constexpr int kClassDetectionFinding = 2004;
constexpr int kActivityCreate = 1;
constexpr int kStatusNew = 1;
constexpr int kAnalyticRule = 1, kAnalyticBehavioral = 2;
constexpr int kDeviceTypeUnknown = 0;
constexpr int kOsLinux = 200;
constexpr int kActionDenied = 2, kActionObserved = 3;
constexpr int kDispositionBlocked = 2, kDispositionNoAction = 16, kDispositionError = 27;

struct Named {
  int id;
  std::string_view name;
};

Named severity_of(Severity severity) {
  static constexpr std::array<Named, 5> kSeverities = {
      {{1, "Informational"}, {2, "Low"}, {3, "Medium"}, {4, "High"}, {5, "Critical"}}};
  return kSeverities[static_cast<std::size_t>(severity)];
}

void write_metadata(JsonWriter& w, const Alert& alert, const AlertOrigin& origin,
                    std::uint64_t sequence) {
  w.member_object("metadata").member("version", kOcsfVersion);
  w.member_object("product").member("name", "tocsin").member("vendor_name", "tocsin");
  w.member_if("uid", origin.agent.id).member_if("version", origin.agent.version).end();
  w.member_array("profiles").value("host");
  if (!alert.matches.empty()) w.value("osint");
  if (!alert.lineage.empty() && !alert.lineage[0].container_id.empty()) w.value("container");
  if (alert.response) w.value("security_control");
  w.end().member_if("uid", alert.id).member("event_code", facts_of(alert.kind).code);
  w.member("log_name", "tocsin.alert").member("sequence", sequence);
  if (alert.reported_ns != 0) w.member("logged_time", ocsf::milliseconds(alert.reported_ns));
  w.end();
}

void write_finding(JsonWriter& w, const Alert& alert) {
  const AlertKindFacts& facts = facts_of(alert.kind);
  const bool behaviour = facts.rule_category == "behaviour";
  w.member_object("finding_info").member("uid", alert.id).member("title", facts.rule_name);
  w.member("desc", alert_message(alert));
  if (alert.reported_ns != 0) w.member("created_time", ocsf::milliseconds(alert.reported_ns));
  if (alert.retro) {
    w.member("first_seen_time", ocsf::milliseconds(alert.retro->first_ns));
    w.member("last_seen_time", ocsf::milliseconds(alert.retro->last_ns));
  }
  w.member_object("analytic").member("uid", fmt::format("tocsin.{}", facts.code));
  w.member("name", facts.rule_name).member("category", facts.rule_category);
  w.member("type_id", behaviour ? kAnalyticBehavioral : kAnalyticRule);
  w.member("type", behaviour ? "Behavioral" : "Rule").end();
  w.member_array("types").value(facts.rule_category).end().end();
}

void write_device(JsonWriter& w, const HostFacts& host) {
  w.member_object("device").member("type_id", kDeviceTypeUnknown).member("type", "Unknown");
  w.member_if("uid", host.id).member_if("hostname", host.hostname);
  w.member_if("boot_uid", host.boot_id);
  w.member_object("os").member("type_id", kOsLinux).member("type", "Linux");
  w.member("name", host.os_name.empty() ? std::string_view("Linux") : host.os_name);
  w.member_if("version", host.os_version).member_if("kernel_release", host.kernel).end().end();
}

// From the confidence of the indicator, or how likely a behaviour is what it looks like.
void write_confidence(JsonWriter& w, const Alert& alert) {
  int score = -1;
  if (const IndicatorMatch* match = loudest_match(alert)) score = match->indicator.confidence;
  if (score < 0) return;
  const Named word = score < 30   ? Named{1, "Low"}
                     : score < 70 ? Named{2, "Medium"}
                                  : Named{3, "High"};
  w.member("confidence_id", word.id).member("confidence", word.name);
  w.member("confidence_score", score);
}

void write_response(JsonWriter& w, const ResponseFacts& response) {
  const bool done = response.result == ResponseResult::kDone;
  w.member("action_id", done ? kActionDenied : kActionObserved);
  w.member("action", done ? "Denied" : "Observed");
  const Named disposition = done ? Named{kDispositionBlocked, "Blocked"}
                            : response.result == ResponseResult::kFailed
                                ? Named{kDispositionError, "Error"}
                                : Named{kDispositionNoAction, "No Action"};
  w.member("disposition_id", disposition.id).member("disposition", disposition.name);
}

}  // namespace

std::string render_ocsf(const Alert& alert, const AlertOrigin& origin, std::uint64_t sequence) {
  const Named severity = severity_of(alert.severity);
  std::string out;
  out.reserve(4096);
  JsonWriter w(out);
  w.begin_object().member("category_uid", kCategoryFindings).member("category_name", "Findings");
  w.member("class_uid", kClassDetectionFinding).member("class_name", "Detection Finding");
  w.member("activity_id", kActivityCreate).member("activity_name", "Create");
  w.member("type_uid", kClassDetectionFinding * 100 + kActivityCreate);
  w.member("type_name", "Detection Finding: Create");
  w.member("time", ocsf::milliseconds(alert.time_ns));
  if (alert.retro) {
    w.member("start_time", ocsf::milliseconds(alert.retro->first_ns));
    w.member("end_time", ocsf::milliseconds(alert.retro->last_ns));
  }
  if (alert.repeats > 0) w.member("count", alert.repeats);
  w.member("severity_id", severity.id).member("severity", severity.name);
  w.member("status_id", kStatusNew).member("status", "New").member("is_alert", true);
  w.member("message", alert_message(alert));
  write_confidence(w, alert);
  write_metadata(w, alert, origin, sequence);
  write_finding(w, alert);
  write_device(w, origin.host);
  if (alert.response) write_response(w, *alert.response);
  if (!alert.lineage.empty()) ocsf::write_evidences(w, alert, origin.host);
  if (!alert.matches.empty()) ocsf::write_osint(w, alert);
  w.member_object("unmapped");
  json::write_tocsin(w, alert);
  w.end().end();
  return out;
}

}  // namespace tocsin
