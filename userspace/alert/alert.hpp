// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/process_id.hpp"
#include "beacon/finding.hpp"
#include "beacon/incident.hpp"
#include "containers/container_facts.hpp"
#include "detect/finding.hpp"
#include "event/event.hpp"
#include "event/login_session.hpp"
#include "hash/hash_result.hpp"
#include "names/name_candidate.hpp"

// An alert, neutral to how it is written. alert/render_json.cpp and alert/render_human.cpp turn it
// into text.
namespace tocsin {

// Of an event that carries them.
template <typename E>
PackageFacts package_facts_of(const E& event) {
  return {event.packaged, event.package, event.package_version, event.package_manager,
          event.package_intact};
}

// A library that a process mapped and that no package vouches for.
struct ModuleFacts {
  std::string path;
  HashResult hash;
  PackageFacts package;
  bool memfd = false;
  bool own = false;  // told for this very process, not for another one of the same program
};

// One process of a lineage, nearest first; the values are copies, so an alert outlives the table.
struct ProcessFacts {
  ProcessId id;
  WallNs start_wall_ns = 0;
  std::string path;
  std::string comm;
  std::vector<std::string> argv;
  bool argv_cut = false;
  std::string cwd;
  std::string tty;
  std::optional<std::uint32_t> uid, gid, euid, egid, login_uid, session_id;
  std::string user, login_user;  // names, empty when unknown
  std::string script;            // path of the script behind an interpreter
  std::optional<Stdio> std_in, std_out;
  std::string container_id;
  HashResult hash;              // of the executed file
  HashResult script_hash;       // of the script, when there is one
  PackageFacts package;         // of the executed file
  PackageFacts script_package;  // of the script
  bool memfd = false, unlinked = false, secure = false;
  bool exited = false;
};

enum class AlertKind : std::uint8_t {
  kExecHash,     // executed file or script matches a digest
  kConnectIp,    // connect or datagram to an indicator address
  kConnectName,  // connect or datagram to an address that an indicator name resolved to
  kDnsName,      // question for an indicator name
  kHostName,     // TLS, QUIC or HTTP host name
  kModuleHash,   // mapped library matches a digest
  kNotCaptured,  // executed content could not be captured and looks made to vanish
  kBeacon,
  kIncident,
  kSelfTest,
  kHealth,  // about tocsin itself: loss, dead hook, broken indicator file
};

// What was lost in the period an alert judges; an alert without loss says so too.
struct LossState {
  WallNs since_ns = 0;
  std::vector<LossEvent> lost;  // by stage, only non-zero
};

// One program, in one container, that did what an alert by hindsight is about.
struct RetroProgram {
  std::string path, sha256, container, user;  // empty: unknown; container empty: the host itself
  WallNs first_ns = 0, last_ns = 0;
  std::uint64_t count = 0;
};

// Found in the history after the indicator became known: from when to when the host was exposed.
struct RetroExposure {
  WallNs first_ns = 0, last_ns = 0;
  std::uint64_t count = 0;
  std::uint64_t days = 0;              // distinct ones, at least
  std::vector<RetroProgram> programs;  // latest first, at most kRetroProgramsMax
  std::uint64_t more_programs = 0;
  std::vector<std::string> flags;  // how it was seen, in words
  // Of the time from first to last nobody watched this much.
  std::uint64_t gaps = 0;
  WallNs gap_ns = 0;
};

enum class ResponseAction : std::uint8_t { kDeny, kKill };
enum class ResponseResult : std::uint8_t {
  kDone,
  kRehearsed,  // dry run: would have been done
  kFailed,     // detail says why
};

// What was done about the subject of an alert.
struct ResponseFacts {
  ResponseAction action = ResponseAction::kDeny;
  ResponseResult result = ResponseResult::kDone;
  std::string rule;              // what asked for it: "set 3cx-2023", "severity critical"
  std::string detail;            // how, or why not
  std::uint64_t latency_ns = 0;  // from the event to the answer
};

struct Alert {
  std::string id;  // unique over hosts and restarts, 26 characters, sorts by time
  AlertKind kind = AlertKind::kExecHash;
  Severity severity = Severity::kHigh;
  WallNs time_ns = 0;      // of the event
  WallNs reported_ns = 0;  // when the alert was made
  std::string message;     // one sentence for people
  std::vector<IndicatorMatch> matches;
  std::vector<ProcessFacts> lineage;        // [0] is the subject
  std::optional<ContainerFacts> container;  // of the subject; absent: none, or never looked up
  std::optional<LoginSession> session;      // of the subject; absent: no login, or not known
  std::optional<ConnectEvent> connect;
  std::optional<DnsEvent> dns;
  std::optional<HelloEvent> hello;
  std::optional<ModuleFacts> module;  // kModuleHash: the library
  std::vector<ModuleFacts> modules;   // of the subject's program, at most kModulesPerProgramMax
  std::uint64_t modules_left_out = 0;
  std::vector<NameCandidate> names;  // all the destination may have been contacted by, best first
  // A resolver relayed the question: the subject is the process that asked, this one forwarded it.
  std::optional<ProcessId> relayed_by;
  std::string weak_because;  // non-empty: why this evidence is weak (address only, shared host, …)
  std::optional<RetroExposure> retro;     // time_ns is when it was found, loss that of the exposure
  std::optional<BeaconFinding> beacon;    // kBeacon, kIncident
  std::optional<IncidentFacts> incident;  // kIncident
  std::optional<ResponseFacts> response;  // absent: none was asked for
  LossState loss;
  std::uint64_t repeats = 0;  // folded since the last report of the same finding
  bool self_test = false;     // made by tocsin's own harmless action
};

}  // namespace tocsin
