// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/render_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "alert/alert_kind.hpp"
#include "alert/message.hpp"
#include "alert/render_json_parts.hpp"
#include "base/json_writer.hpp"
#include "base/text.hpp"

namespace tocsin {
namespace {

std::string_view log_level(Severity severity) {
  static constexpr std::string_view kLevels[] = {"info", "notice", "warning", "error", "critical"};
  return kLevels[static_cast<std::size_t>(severity)];
}

// Why the alert exists, for a reader of the raw record.
std::string reason(const Alert& alert) {
  const IndicatorMatch* match = loudest_match(alert);
  std::string out = match == nullptr
                        ? std::string(facts_of(alert.kind).rule_name)
                        : fmt::format("{} {} equals {} indicator {} of set {}", match->field,
                                      match->matched, to_string(match->indicator.type),
                                      match->indicator.value, match->indicator.set);
  if (!alert.weak_because.empty()) out += fmt::format("; weak: {}", alert.weak_because);
  return out;
}

bool is_reference(std::string_view source) {
  return source.starts_with("https://") || source.starts_with("http://");
}

void write_event(JsonWriter& w, const Alert& alert, std::uint64_t sequence) {
  const AlertKindFacts& facts = facts_of(alert.kind);
  w.member_object("event").member("kind", "alert");
  w.member_array("category");
  for (const auto category : facts.categories) w.value(category);
  w.end().member_array("type");
  for (const auto type : facts.types) w.value(type);
  w.end().member("action", facts.action).member_if("id", alert.id).member("code", facts.code);
  if (alert.reported_ns != 0) w.member("created", format_time_utc(alert.reported_ns));
  if (alert.retro) {
    w.member("start", format_time_utc(alert.retro->first_ns));
    w.member("end", format_time_utc(alert.retro->last_ns));
  }
  w.member("module", "tocsin").member("dataset", "tocsin.alert").member("provider", "tocsind");
  w.member("severity", severity_number(alert.severity)).member("reason", reason(alert));
  w.member("sequence", sequence);
  if (alert.connect) {
    const ConnectResult result = alert.connect->result;
    if (result == ConnectResult::kOk) {
      w.member("outcome", "success");
    } else if (result != ConnectResult::kUnknown && result != ConnectResult::kInProgress) {
      w.member("outcome", "failure");
    }
  }
  w.end();
}

void write_rule(JsonWriter& w, const Alert& alert) {
  const AlertKindFacts& facts = facts_of(alert.kind);
  const IndicatorMatch* match = loudest_match(alert);
  w.member_object("rule").member("id", fmt::format("tocsin.{}", facts.code));
  w.member("name", facts.rule_name).member("category", facts.rule_category);
  w.member("ruleset", match == nullptr || match->indicator.set.empty()
                          ? std::string_view("tocsin")
                          : std::string_view(match->indicator.set));
  if (match != nullptr && is_reference(match->indicator.source))
    w.member("reference", match->indicator.source);
  w.end();
}

void write_host(JsonWriter& w, const HostFacts& host) {
  w.member_object("host").member_if("id", host.id).member_if("name", host.hostname);
  w.member_if("hostname", host.hostname).member_if("architecture", host.architecture);
  if (!host.boot_id.empty()) w.member_object("boot").member("id", host.boot_id).end();
  w.member_object("os").member("type", "linux").member_if("kernel", host.kernel);
  w.member_if("family", host.os_family).member_if("platform", host.os_platform);
  w.member_if("version", host.os_version).member_if("name", host.os_name).end().end();
}

void write_agent(JsonWriter& w, const AgentFacts& agent) {
  w.member_object("agent").member("type", "tocsin").member_if("version", agent.version);
  w.member_if("id", agent.id).member_if("ephemeral_id", agent.ephemeral_id).end();
}

using WordSet = std::set<std::string>;

void write_words(JsonWriter& w, std::string_view name, const WordSet& words) {
  if (words.empty()) return;
  w.member_array(name);
  for (const auto& word : words) w.value(word);
  w.end();
}

void add_hashes(WordSet& words, const HashResult& hash) {
  if (!hash.digests) return;
  words.insert(hash.digests->sha256.hex());
  if (hash.digests->sha1) words.insert(hash.digests->sha1->hex());
  if (hash.digests->md5) words.insert(hash.digests->md5->hex());
}

// Every value one may pivot on, in one place.
void write_related(JsonWriter& w, const Alert& alert, const HostFacts& host) {
  WordSet hashes, addresses, hosts, users;
  if (!alert.lineage.empty()) {
    const ProcessFacts& subject = alert.lineage[0];
    add_hashes(hashes, subject.hash);
    add_hashes(hashes, subject.script_hash);
    for (const auto& name : {subject.user, subject.login_user})
      if (!name.empty()) users.insert(name);
    if (alert.session && !alert.session->login_user.empty())
      users.insert(alert.session->login_user);
  }
  if (alert.session && alert.session->peer)
    addresses.insert(alert.session->peer->address.to_string());
  if (alert.module) add_hashes(hashes, alert.module->hash);
  if (alert.connect) {
    addresses.insert(alert.connect->remote.address.to_string());
    if (!alert.connect->host.empty()) hosts.insert(alert.connect->host);
  }
  if (alert.hello) {
    addresses.insert(alert.hello->remote.address.to_string());
    if (!alert.hello->host.empty()) hosts.insert(alert.hello->host);
  }
  if (alert.dns) {
    hosts.insert(alert.dns->qname);
    for (const auto& answer : alert.dns->answers)
      if (IpAddress::parse(answer.data)) addresses.insert(answer.data);
  }
  for (const auto& name : alert.names) hosts.insert(name.name);
  for (const auto& match : alert.matches)
    if (match.indicator.type == IndicatorType::kDomain) hosts.insert(match.matched);
  if (!host.hostname.empty()) hosts.insert(host.hostname);
  w.member_object("related");
  write_words(w, "hash", hashes);
  write_words(w, "ip", addresses);
  write_words(w, "hosts", hosts);
  write_words(w, "user", users);
  w.end();
}

void write_labels(JsonWriter& w, const Alert& alert) {
  const IndicatorMatch* match = loudest_match(alert);
  w.member_object("labels").member("severity", to_string(alert.severity));
  if (match != nullptr) {
    w.member_if("campaign", match->indicator.campaign);
    w.member_if("indicator_set", match->indicator.set);
  }
  w.end();
  WordSet tags;
  if (alert.self_test) tags.insert("self-test");
  if (!alert.weak_because.empty()) tags.insert("weak");
  if (alert.retro) tags.insert("hindsight");
  if (!alert.loss.lost.empty()) tags.insert("events-lost");
  write_words(w, "tags", tags);
}

}  // namespace

int severity_number(Severity severity) {
  static constexpr std::array<int, 5> kNumbers = {10, 21, 47, 73, 99};
  return kNumbers[static_cast<std::size_t>(severity)];
}

std::string render_json(const Alert& alert, const AlertOrigin& origin, std::uint64_t sequence) {
  std::string out;
  out.reserve(4096);
  JsonWriter w(out);
  w.begin_object();
  w.member("@timestamp", format_time_utc(alert.time_ns));
  w.member_object("ecs").member("version", kEcsVersion).end();
  w.member("message", alert_message(alert));
  write_event(w, alert, sequence);
  w.member_object("log").member("level", log_level(alert.severity)).end();
  write_rule(w, alert);
  write_host(w, origin.host);
  write_agent(w, origin.agent);
  if (!alert.lineage.empty()) json::write_subject(w, alert, origin.host);
  json::write_network(w, alert);
  if (!alert.matches.empty()) json::write_enrichments(w, alert);
  write_related(w, alert, origin.host);
  write_labels(w, alert);
  json::write_tocsin(w, alert);
  w.end();
  return out;
}

}  // namespace tocsin
