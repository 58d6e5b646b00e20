// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "alert/message.hpp"
#include "alert/render_json_parts.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "event/event_json.hpp"

namespace tocsin::json {
namespace {

// ECS confidence words (None, Low, Medium, High) over STIX's 0..100 scale.
std::string_view confidence_word(std::uint8_t confidence) {
  if (confidence == 0) return "None";
  return confidence < 30 ? "Low" : confidence < 70 ? "Medium" : "High";
}

// The STIX type of the observable.
std::string_view observable_type(const Indicator& indicator) {
  switch (indicator.type) {
    case IndicatorType::kSha256:
    case IndicatorType::kSha1:
    case IndicatorType::kMd5:
    case IndicatorType::kPath:
      return "file";
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      return indicator.value.find(':') == std::string::npos ? "ipv4-addr" : "ipv6-addr";
    case IndicatorType::kDomain:
      return "domain-name";
    case IndicatorType::kUrl:
      return "url";
  }
  return "unknown";
}

void write_observable(JsonWriter& w, const Indicator& indicator) {
  switch (indicator.type) {
    case IndicatorType::kSha256:
    case IndicatorType::kSha1:
    case IndicatorType::kMd5:
      w.member_object("file").member_object("hash");
      w.member(to_string(indicator.type), indicator.value).end().end();
      break;
    case IndicatorType::kPath:
      w.member_object("file").member("path", indicator.value).end();
      break;
    case IndicatorType::kIp:
      w.member("ip", indicator.value);
      break;
    case IndicatorType::kDomain:
      w.member_object("url").member("domain", indicator.value).end();
      break;
    case IndicatorType::kUrl:
      w.member_object("url").member("full", indicator.value).end();
      break;
    case IndicatorType::kCidr:
      break;  // ECS's ip holds one address: the network stands in name
  }
}

void write_user_words(JsonWriter& w, const ProcessFacts& process) {
  const auto text = [](const std::string& name, const std::optional<std::uint32_t>& id) {
    return name.empty() && id ? fmt::format("{}", *id) : name;
  };
  w.member_if("user", text(process.user, process.uid));
  w.member_if("login_user", text(process.login_user, process.login_uid));
}

void write_lineage(JsonWriter& w, const Alert& alert) {
  w.member_array("lineage");
  for (std::size_t i = 0; i < alert.lineage.size(); ++i) {
    const ProcessFacts& process = alert.lineage[i];
    w.begin_object();
    if (process.id.known()) w.member("pid", process.id.pid);
    if (process.start_wall_ns != 0) w.key("start").unix_seconds(process.start_wall_ns);
    w.member_if("path", process.path).member_if("comm", process.comm);
    // process.args has the subject's in full; an ancestor's are for orientation.
    std::size_t room = i == 0 ? 0 : limits::kAncestorArgsBytesMax;
    bool cut = process.argv_cut;
    if (i > 0 && !process.argv.empty()) {
      w.member_array("args");
      for (const auto& arg : process.argv) {
        cut = cut || arg.size() > room;
        if (arg.size() > room) break;
        w.value(arg);
        room -= arg.size();
      }
      w.end();
    }
    if (cut) w.member("args_cut", true);
    if (process.hash.digests) w.member("sha256", process.hash.digests->sha256.hex());
    w.member_if("script", process.script);
    write_user_words(w, process);
    w.member_if("tty", process.tty).member_if("container", process.container_id);
    if (process.exited) w.member("exited", true);
    w.end();
  }
  w.end();
}

void write_provenance(JsonWriter& w, std::string_view name, const HashResult& hash) {
  w.member_object(name);
  if (hash.digests) {
    w.member("rung", to_string(hash.rung)).member("cached", hash.cached);
  } else if (hash.miss != HashMiss::kNone) {
    w.member("miss", to_string(hash.miss));
  }
  w.member_if("detail", hash.detail).end();
}

void write_package_state(JsonWriter& w, const PackageFacts& package) {
  w.member_if("packaged", package.packaged).member_if("package_intact", package.intact);
}

void write_module(JsonWriter& w, const ModuleFacts& module) {
  w.member("path", module.path);
  if (module.hash.digests) w.member("sha256", module.hash.digests->sha256.hex());
  write_provenance(w, "hash", module.hash);
  w.member_if("package", module.package.name);
  write_package_state(w, module.package);
  if (module.memfd) w.member("memfd", true);
}

// The libraries of the subject's program that no package vouches for.
void write_modules(JsonWriter& w, const Alert& alert) {
  if (alert.module) {
    w.member_object("module");
    write_module(w, *alert.module);
    w.end();
  }
  if (alert.modules.empty()) return;
  w.member_array("modules");
  for (const ModuleFacts& module : alert.modules) {
    w.begin_object();
    write_module(w, module);
    w.member("own", module.own).end();
  }
  w.end();
  if (alert.modules_left_out > 0) w.member("modules_left_out", alert.modules_left_out);
}

std::string_view stdio_word(Stdio stdio) {
  return stdio == Stdio::kUnknown ? "" : to_string(stdio);
}

void write_process_facts(JsonWriter& w, const ProcessFacts& subject) {
  write_user_words(w, subject);
  w.member_if("login_uid", subject.login_uid).member_if("session_id", subject.session_id);
  w.member_if("tty", subject.tty);
  if (subject.std_in) w.member_if("stdin", stdio_word(*subject.std_in));
  if (subject.std_out) w.member_if("stdout", stdio_word(*subject.std_out));
  if (subject.argv_cut) w.member("args_cut", true);
  w.member_array("flags");
  if (subject.memfd) w.value("memfd");
  if (subject.unlinked) w.value("deleted");
  if (!subject.script.empty()) w.value("script");
  if (subject.secure) w.value("setuid");
  w.end();
  write_provenance(w, "hash", subject.hash);
  write_package_state(w, subject.package);
  if (subject.script.empty()) return;
  w.member_object("script").member("path", subject.script);
  if (subject.script_hash.digests) w.member("sha256", subject.script_hash.digests->sha256.hex());
  write_provenance(w, "hash", subject.script_hash);
  w.member_if("package", subject.script_package.name);
  write_package_state(w, subject.script_package);
  w.end();
}

// Labels as texts: as names they would be members without end in a collector's schema.
void write_container_facts(JsonWriter& w, const ContainerFacts& facts) {
  if (facts.named() && facts.labels.empty()) return;
  w.member_object("container").member_if("unnamed_because", facts.unnamed_because);
  if (!facts.labels.empty()) {
    w.member_array("labels");
    for (const auto& [label, value] : facts.labels) w.value(fmt::format("{}={}", label, value));
    w.end();
  }
  w.end();
}

void write_loss(JsonWriter& w, const LossState& loss) {
  w.member_object("loss");
  if (loss.since_ns != 0) w.key("since").unix_seconds(loss.since_ns);
  w.member("complete", loss.lost.empty()).member_array("lost");
  for (const LossEvent& lost : loss.lost)
    w.begin_object().member("stage", lost.stage).member("count", lost.count).end();
  w.end().end();
}

void write_retro(JsonWriter& w, const RetroExposure& retro) {
  w.member_object("retro").key("first").unix_seconds(retro.first_ns);
  w.key("last").unix_seconds(retro.last_ns);
  w.member("count", retro.count).member("days", retro.days);
  w.member_array("flags");
  for (const auto& flag : retro.flags) w.value(flag);
  w.end().member_array("programs");
  for (const auto& program : retro.programs) {
    w.begin_object().member_if("path", program.path).member_if("sha256", program.sha256);
    w.member_if("container", program.container).member_if("user", program.user);
    w.key("first").unix_seconds(program.first_ns).key("last").unix_seconds(program.last_ns);
    w.member("count", program.count).end();
  }
  w.end().member("more_programs", retro.more_programs);
  w.member_object("gaps").member("count", retro.gaps).key("seconds").unix_seconds(retro.gap_ns);
  w.end().end();
}

void write_response(JsonWriter& w, const ResponseFacts& response) {
  static constexpr std::string_view kActions[] = {"deny", "kill"};
  static constexpr std::string_view kResults[] = {"done", "dry-run", "failed"};
  w.member_object("response");
  w.member("action", kActions[static_cast<std::size_t>(response.action)]);
  w.member("result", kResults[static_cast<std::size_t>(response.result)]);
  w.member_if("rule", response.rule).member_if("detail", response.detail);
  w.member("latency_ns", response.latency_ns).end();
}

void write_indicators(JsonWriter& w, const Alert& alert) {
  w.member_array("indicator");
  for (const IndicatorMatch& match : alert.matches) {
    const Indicator& indicator = match.indicator;
    w.begin_object().member("type", to_string(indicator.type)).member("value", indicator.value);
    w.member_if("set", indicator.set).member_if("campaign", indicator.campaign);
    w.member_if("source", indicator.source).member_if("place", indicator.place);
    w.member("severity", to_string(indicator.severity)).member("confidence", indicator.confidence);
    w.member_if("note", indicator.note);
    if (indicator.added_ns) w.key("added").unix_seconds(*indicator.added_ns);
    if (indicator.expires_ns) w.key("expires").unix_seconds(*indicator.expires_ns);
    w.member_if("field", match.field).member_if("matched", match.matched).end();
  }
  w.end();
}

}  // namespace

void write_enrichments(JsonWriter& w, const Alert& alert) {
  w.member_object("threat").member_array("enrichments");
  for (const IndicatorMatch& match : alert.matches) {
    const Indicator& indicator = match.indicator;
    w.begin_object().member_object("indicator");
    w.member("type", observable_type(indicator)).member("name", indicator.value);
    w.member_if("description", indicator.note).member_if("provider", indicator.set);
    w.member_if("reference", indicator.source);
    w.member("confidence", confidence_word(indicator.confidence));
    write_observable(w, indicator);
    w.end().member_object("matched");
    w.member("atomic", match.matched).member_if("field", match.field);
    w.member("id",
             fmt::format("{}:{}:{}", indicator.set, to_string(indicator.type), indicator.value));
    w.member_if("index", indicator.set).member("occurred", format_time_utc(alert.time_ns));
    w.member("type", "indicator_match_rule").end().end();
  }
  w.end().end();
}

void write_tocsin(JsonWriter& w, const Alert& alert) {
  w.member_object("tocsin").member("severity", to_string(alert.severity));
  w.key("time").unix_seconds(alert.time_ns);  // @timestamp has milliseconds only
  if (!alert.lineage.empty()) {
    write_process_facts(w, alert.lineage[0]);
    write_lineage(w, alert);
  }
  if (alert.container) write_container_facts(w, *alert.container);
  if (alert.session) {
    w.member_object("session");
    write_session(w, *alert.session);
    w.end();
  }
  write_modules(w, alert);
  write_names(w, alert);
  write_loss(w, alert.loss);
  if (alert.response) write_response(w, *alert.response);
  if (alert.retro) write_retro(w, *alert.retro);
  if (!alert.matches.empty()) write_indicators(w, alert);
  if (alert.beacon) {
    w.key("beacon");
    write_beacon(w, *alert.beacon);
  }
  if (alert.incident) {
    w.key("incident");
    write_incident(w, *alert.incident);
  }
  w.member_if("weak_because", alert.weak_because);
  w.member("repeats", alert.repeats).member("self_test", alert.self_test);
  w.end();
}

}  // namespace tocsin::json
