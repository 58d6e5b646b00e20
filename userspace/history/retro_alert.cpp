// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <algorithm>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "alert/message.hpp"
#include "base/limits.hpp"
#include "history/hunt_value.hpp"
#include "history/retro_match.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

constexpr bool has(std::uint32_t flags, SeenFlag flag) {
  return (flags & static_cast<std::uint32_t>(flag)) != 0;
}

std::string text_of(const Json& facts, const char* name) {
  const auto it = facts.find(name);
  return it != facts.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::optional<std::uint32_t> number_of(const Json& facts, const char* name) {
  const auto it = facts.find(name);
  if (it == facts.end() || !it->is_number_unsigned() || *it > UINT32_MAX) return std::nullopt;
  return it->get<std::uint32_t>();
}

HashResult hash_of(const Json& facts, const char* name) {
  HashResult out;
  const auto digest = Sha256::parse(text_of(facts, name));
  if (digest) out.digests = FileDigests{*digest, {}, {}};
  if (!digest) out.miss = HashMiss::kUnknownFile;
  return out;
}

// The subject and its ancestors from the facts of docs/history.md.
std::vector<ProcessFacts> lineage_of(const std::string& who, const ProcessId& process) {
  const auto facts = Json::parse(who, nullptr, false);
  std::vector<ProcessFacts> out(1);
  auto& subject = out[0];
  subject.id = process;
  if (!facts.is_object()) return out;
  subject.path = text_of(facts, "path");
  subject.script = text_of(facts, "script");
  subject.user = text_of(facts, "user");
  subject.login_user = text_of(facts, "login_user");
  subject.uid = number_of(facts, "uid");
  subject.login_uid = number_of(facts, "login_uid");
  subject.tty = text_of(facts, "tty");
  subject.container_id = text_of(facts, "container");
  subject.hash = hash_of(facts, "sha256");
  if (!subject.script.empty()) subject.script_hash = hash_of(facts, "script_sha256");
  const auto lineage = facts.find("lineage");
  if (lineage == facts.end() || !lineage->is_array()) return out;
  for (const auto& ancestor : *lineage) {
    if (out.size() == limits::kLineageDepthMax || !ancestor.is_object()) break;
    ProcessFacts one;
    one.path = text_of(ancestor, "path");
    one.script = text_of(ancestor, "script");
    out.push_back(std::move(one));
  }
  return out;
}

AlertKind kind_of(const RetroFinding& finding) {
  switch (finding.kind) {
    case SeenKind::kModule:
      return AlertKind::kModuleHash;
    case SeenKind::kDestination:
      return AlertKind::kConnectIp;
    case SeenKind::kName:
      if (has(finding.flags, SeenFlag::kAsked) || has(finding.flags, SeenFlag::kAnswered))
        return AlertKind::kDnsName;
      return has(finding.flags, SeenFlag::kTlsHello) || has(finding.flags, SeenFlag::kQuicHello) ||
                     has(finding.flags, SeenFlag::kHttpHost)
                 ? AlertKind::kHostName
                 : AlertKind::kConnectName;
    case SeenKind::kProgram:
    case SeenKind::kScript:
      break;
  }
  return AlertKind::kExecHash;
}

// The part of the alert that says what was contacted or asked for.
void describe(const RetroFinding& finding, Alert& alert) {
  if (const auto destination = destination_of(finding.value);
      finding.kind == SeenKind::kDestination && destination) {
    alert.connect.emplace();
    alert.connect->remote = {destination->address, destination->port};
    alert.connect->protocol = destination->protocol;
    alert.connect->datagram = has(finding.flags, SeenFlag::kDatagram);
    if (has(finding.flags, SeenFlag::kConnected)) {
      alert.connect->result = ConnectResult::kOk;
    } else if (has(finding.flags, SeenFlag::kRefused)) {
      alert.connect->result = ConnectResult::kRefused;
    }
    alert.weak_because =
        "matched by address only: an address can be shared or reassigned, and the history keeps "
        "no name beside it";
  } else if (alert.kind == AlertKind::kDnsName) {
    alert.dns.emplace();
    alert.dns->qname = reversed_labels(finding.value);
  } else if (alert.kind == AlertKind::kConnectName && !has(finding.flags, SeenFlag::kContacted)) {
    alert.weak_because = "an address was contacted that has this name among others";
  }
}

Result<RetroProgram> program_of(HistoryReader& reader, const SightingRow& row) {
  RetroProgram out;
  out.container = row.container;
  out.first_ns = row.first_ns;
  out.last_ns = row.last_ns;
  out.count = row.count;
  std::string who;
  if (row.last_who) {
    TOCSIN_TRY(who, reader.who(*row.last_who));
  }
  const auto facts = Json::parse(who, nullptr, false);
  const bool ran = row.kind == SeenKind::kProgram || row.kind == SeenKind::kScript;
  const auto content = shown_content(ran ? row.value : row.subject, row.flags);
  if (Sha256::parse(content)) out.sha256 = content;
  if (ran) {
    out.path = row.subject;
  } else if (facts.is_object()) {
    const auto script = text_of(facts, "script");
    out.path = script.empty() ? text_of(facts, "path") : script;
  }
  if (out.path.empty() && out.sha256.empty()) out.path = content;
  if (facts.is_object()) out.user = text_of(facts, "user");
  return out;
}

// Who did it last, with what the row itself says about the program.
Result<std::vector<ProcessFacts>> subject_of(HistoryReader& reader, const RetroFinding& finding) {
  const auto& latest = finding.by.front();
  std::string who;
  if (latest.last_who) {
    TOCSIN_TRY(who, reader.who(*latest.last_who));
  }
  auto out = lineage_of(who, latest.last_process);
  auto& subject = out[0];
  if (subject.container_id.empty()) subject.container_id = latest.container;
  if (finding.kind == SeenKind::kProgram && finding.digests) {
    subject.path = latest.subject;
    subject.hash.digests = finding.digests;
  } else if (finding.kind == SeenKind::kScript && finding.digests) {
    subject.script = latest.subject;
    subject.script_hash.digests = finding.digests;
  }
  return out;
}

Result<ModuleFacts> library_of(HistoryReader& reader, const RetroFinding& finding) {
  ModuleFacts out;
  out.hash.digests = finding.digests;
  TOCSIN_TRY(const auto content, reader.content(finding.value));
  if (content) out.path = content->path;
  return out;
}

}  // namespace

Result<RetroAlert> retro_alert(HistoryReader& reader, RetroFinding finding) {
  RetroAlert made;
  for (const auto& match : finding.matches)
    made.marks.push_back(
        {match.indicator.set, match.indicator.value, finding.kind, finding.value, 0});
  auto& out = made.alert;
  out.kind = kind_of(finding);
  out.retro = std::move(finding.exposure);
  for (const auto word : flag_words(finding.flags)) out.retro->flags.emplace_back(word);
  for (const auto& row : finding.by) {
    TOCSIN_TRY(auto program, program_of(reader, row));
    out.retro->programs.push_back(std::move(program));
  }
  TOCSIN_TRY(out.lineage, subject_of(reader, finding));
  if (finding.kind == SeenKind::kModule) {
    TOCSIN_TRY(out.module, library_of(reader, finding));
  }
  describe(finding, out);
  out.severity = std::ranges::max(finding.matches, {}, [](const IndicatorMatch& m) {
                   return m.indicator.severity;
                 }).indicator.severity;
  out.matches = std::move(finding.matches);
  out.message = alert_message(out);
  return made;
}

}  // namespace tocsin
