// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/message.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>

#include "alert/alert_kind.hpp"
#include "base/counted.hpp"
#include "base/text.hpp"
#include "event/event_json.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kPathBytesShown = 256;
constexpr std::size_t kWordBytesShown = 64;
constexpr std::size_t kProgramsShown = 3;
constexpr std::size_t kContainerBytesShown = 12;  // as container tools print ids

std::string word(std::string_view text) {
  return printable(text, kWordBytesShown);
}

std::string shown_id(const std::string& name, const std::optional<std::uint32_t>& uid) {
  if (!name.empty()) return word(name);
  return uid ? fmt::format("uid {}", *uid) : std::string{};
}

std::string subject_path(const Alert& alert) {
  if (alert.lineage.empty()) return "an unknown program";
  const ProcessFacts& subject = alert.lineage[0];
  if (script_matched(alert)) return printable(subject.script, kPathBytesShown);
  if (!subject.path.empty()) return printable(subject.path, kPathBytesShown);
  return subject.comm.empty() ? "an unknown program" : word(subject.comm);
}

std::string whose(const Alert& alert) {
  if (alert.lineage.empty()) return {};
  const ProcessFacts& subject = alert.lineage[0];
  std::string out = fmt::format(" (pid {}, {}", subject.id.pid, shown_user(subject));
  if (const std::string login = shown_login(subject);
      !login.empty() && login != shown_user(subject))
    out += fmt::format(", login {}", login);
  return out + ")";
}

std::string of_what(const Alert& alert) {
  const IndicatorMatch* match = loudest_match(alert);
  if (match == nullptr) return "an indicator";
  const Indicator& indicator = match->indicator;
  std::string out = fmt::format("{} indicator of ", to_string(indicator.type));
  out += indicator.campaign.empty()
             ? fmt::format("set {}", word(indicator.set))
             : fmt::format("{} (set {})", word(indicator.campaign), word(indicator.set));
  if (alert.matches.size() > 1) out += fmt::format(" and {} more", alert.matches.size() - 1);
  return out;
}

std::string destination(const Alert& alert) {
  if (!alert.connect) return "an unknown address";
  std::string out = shown_endpoint(alert.connect->remote);
  if (const auto protocol = shown_protocol(alert.connect->protocol); !protocol.empty())
    out += fmt::format("/{}", protocol);
  return out;
}

std::string library(const Alert& alert) {
  if (!alert.module) return "a library";
  return fmt::format("the library {}", printable(alert.module->path, kPathBytesShown));
}

std::string contacted(const Alert& alert) {
  if (!alert.connect) return "contacted";
  if (alert.connect->datagram) return "sent a datagram to";
  switch (alert.connect->result) {
    case ConnectResult::kOk:
      return "connected to";
    case ConnectResult::kUnknown:
    case ConnectResult::kInProgress:
      return "began to connect to";
    default:
      return fmt::format("tried in vain ({}) to connect to", shown_result(alert.connect->result));
  }
}

std::string by_hello(const Alert& alert) {
  if (!alert.hello) return {};
  static constexpr std::string_view kProtocols[] = {"TLS", "QUIC", "HTTP"};
  return fmt::format(" by {} at {}", kProtocols[static_cast<std::size_t>(alert.hello->kind)],
                     shown_endpoint(alert.hello->remote));
}

bool refused(const Alert& alert) {
  return alert.response && alert.response->action == ResponseAction::kDeny &&
         alert.response->result == ResponseResult::kDone;
}

std::string indicator_sentence(const Alert& alert) {
  const IndicatorMatch* match = loudest_match(alert);
  const std::string seen = match == nullptr ? std::string("?") : printable(match->matched, 255);
  switch (alert.kind) {
    case AlertKind::kExecHash:
      return fmt::format("{}{} was {}executed; its content matches the {}", subject_path(alert),
                         whose(alert), refused(alert) ? "about to be " : "", of_what(alert));
    case AlertKind::kModuleHash:
      return fmt::format("{}{} {} {}, whose content matches the {}", subject_path(alert),
                         whose(alert), refused(alert) ? "was refused" : "loaded", library(alert),
                         of_what(alert));
    case AlertKind::kConnectIp:
      return fmt::format("{}{} {} {}, which matches the {}", subject_path(alert), whose(alert),
                         contacted(alert), destination(alert), of_what(alert));
    case AlertKind::kConnectName:
      return fmt::format("{}{} {} {}, an address of {}, which matches the {}", subject_path(alert),
                         whose(alert), contacted(alert), destination(alert), seen, of_what(alert));
    case AlertKind::kDnsName:
      return fmt::format("{}{} asked for the name {}, which matches the {}", subject_path(alert),
                         whose(alert), seen, of_what(alert));
    case AlertKind::kHostName:
      return fmt::format("{}{} called the host {}{}, which matches the {}", subject_path(alert),
                         whose(alert), seen, by_hello(alert), of_what(alert));
    default:
      return {};
  }
}

}  // namespace

std::string alert_message(const Alert& alert) {
  if (!alert.message.empty()) return printable(alert.message);
  std::string out = indicator_sentence(alert);
  if (alert.kind == AlertKind::kNotCaptured) {
    out = fmt::format("{}{} was executed, but its content could not be read", subject_path(alert),
                      whose(alert));
    if (!alert.lineage.empty())
      out += fmt::format("; {}", shown_hash_provenance(alert.lineage[0].hash));
  }
  if (out.empty()) out = facts_of(alert.kind).rule_name;
  if (alert.response) out += fmt::format("; {}", shown_response(*alert.response));
  if (alert.retro) out += fmt::format("; {}", shown_exposure(*alert.retro));
  if (alert.self_test) out.insert(0, "Self-test, harmless: ");
  return out;
}

std::string shown_process(const ProcessFacts& process) {
  std::string_view name = process.path;
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos)
    name.remove_prefix(slash + 1);
  if (name.empty()) name = process.comm;
  const auto shown = name.empty() ? std::string("?") : word(name);
  // What the history keeps of ancestors has no pid.
  return process.id.pid == 0 ? shown : fmt::format("{}({})", shown, process.id.pid);
}

std::string shown_user(const ProcessFacts& process) {
  const std::string user = shown_id(process.user, process.uid);
  return user.empty() ? "user unknown" : user;
}

std::string shown_login(const ProcessFacts& process) {
  return shown_id(process.login_user, process.login_uid);
}

std::string shown_session(const LoginSession& session) {
  std::string out = session.login_user.empty() ? "unknown user" : printable(session.login_user, 64);
  if (session.peer) out += fmt::format(" from {}", shown_endpoint(*session.peer));
  if (!session.entry.empty())
    out += fmt::format(" through {}({})", printable(session.entry, 32), session.entry_process.pid);
  if (!session.tty.empty()) out += fmt::format(", {}", printable(session.tty, 32));
  for (const auto& step : session.through) out += fmt::format("; {}", printable(step, 200));
  return out;
}

std::string shown_endpoint(const Endpoint& endpoint) {
  std::string address = endpoint.address.to_string();
  if (endpoint.port == 0) return address;
  if (!endpoint.address.is_v4()) address = fmt::format("[{}]", address);
  return fmt::format("{}:{}", address, endpoint.port);
}

std::string_view shown_protocol(std::uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_UDPLITE:
      return "udplite";
    case IPPROTO_SCTP:
      return "sctp";
    case IPPROTO_DCCP:
      return "dccp";
    case IPPROTO_ICMP:
      return "icmp";
    case IPPROTO_ICMPV6:
      return "ipv6-icmp";
    default:
      return {};
  }
}

std::string_view shown_result(ConnectResult result) {
  return result == ConnectResult::kUnknown ? std::string_view{} : to_string(result);
}

std::string shown_hash_provenance(const HashResult& hash) {
  static constexpr std::string_view kRungs[] = {
      "not hashed",
      "hashed by the kernel before it ran",
      "read from the running process itself, identity verified",
      "opened again inside the process's own root, identity verified",
      "opened again by its inode, identity verified",
      "opened by path, unchanged since before it ran",
      "as it stands in the recording"};
  static constexpr std::string_view kMisses[] = {
      "no reason known",
      "the file and the process were gone before it could be opened",
      "what can be opened now is not the file that ran",
      "it changed while it was read",
      "it is larger than hash.max_bytes",
      "it is not a regular file",
      "it could not be read",
      "too many files were waiting to be hashed",
      "the event does not say which file it was"};
  std::string out;
  if (hash.digests) {
    // The history keeps the digest, not the way to it.
    out = hash.rung == HashRung::kNone ? "as it was recorded then"
                                       : kRungs[static_cast<std::size_t>(hash.rung)];
    if (hash.cached) out += ", known from an earlier read of the unchanged file";
  } else {
    out = fmt::format("not hashed: {}", kMisses[static_cast<std::size_t>(hash.miss)]);
  }
  if (!hash.detail.empty()) out += fmt::format(" ({})", printable(hash.detail, 200));
  return out;
}

std::string shown_package(const PackageFacts& package) {
  if (!package.packaged) return {};
  if (!*package.packaged) return "none owns it";
  auto out = fmt::format("{} {} ({})", word(package.name), word(package.version), package.manager);
  if (!package.intact) return out + ", content not compared";
  return out + (*package.intact ? ", content as it was installed"
                                : ", CONTENT DIFFERS from what was installed");
}

std::string shown_module(const ModuleFacts& module) {
  std::string out = printable(module.path, kPathBytesShown);
  if (module.package.packaged == false) out += " (no package)";
  if (module.package.intact == false)
    out += fmt::format(" (DIFFERS from package {})", word(module.package.name));
  if (module.memfd) out += " (in memory only)";
  return out;
}

std::string shown_lineage(const std::vector<ProcessFacts>& lineage) {
  std::string out;
  for (auto it = lineage.rbegin(); it != lineage.rend(); ++it) {
    if (!out.empty()) out += " › ";
    out += shown_process(*it);
  }
  return out;
}

std::string shown_name(const NameCandidate& name) {
  static constexpr std::string_view kHow[] = {
      "DNS answer",       "TLS hello",  "QUIC hello",
      "HTTP request",     "DNS answer", "look-up told by the resolver (who asked is not)",
      "look-up by tocsin"};
  std::string out = fmt::format("{}, from {}{}, {} s before", printable(name.name, 255),
                                name.own                  ? "its own "
                                : name.learned_by.known() ? "another process's "
                                                          : "a ",
                                kHow[static_cast<std::size_t>(name.source)],
                                name.age_ns / static_cast<std::uint64_t>(kNsPerSecond));
  if (!name.chain.empty()) out += fmt::format(", through {}", printable(name.chain.back(), 255));
  if (name.stale) out += ", STALE";
  if (name.sharing > 1) out += fmt::format(", one of {} names of this address", name.sharing);
  return out;
}

std::string shown_exposure(const RetroExposure& retro) {
  auto out = fmt::format("seen before the indicator was known: first {}, last {}, {}",
                         format_time_utc(retro.first_ns), format_time_utc(retro.last_ns),
                         counted(retro.count, "time"));
  std::string by;
  for (std::size_t i = 0; i < retro.programs.size() && i < kProgramsShown; ++i) {
    const auto& program = retro.programs[i];
    by += by.empty() ? "" : ", ";
    by += printable(program.path.empty() ? program.sha256 : program.path, kPathBytesShown);
    if (!program.container.empty())
      by += fmt::format(" in container {}", printable(program.container, kContainerBytesShown));
  }
  if (by.empty()) return out;
  const auto more = retro.programs.size() + retro.more_programs;
  out += fmt::format(", by {}", by);
  if (more > kProgramsShown) out += fmt::format(" and {} more", more - kProgramsShown);
  return out;
}

std::string shown_response(const ResponseFacts& response) {
  const bool deny = response.action == ResponseAction::kDeny;
  switch (response.result) {
    case ResponseResult::kDone:
      return deny ? "REFUSED" : "KILLED";
    case ResponseResult::kRehearsed:
      return deny ? "would have been refused (dry run)" : "would have been killed (dry run)";
    case ResponseResult::kFailed:
      break;
  }
  return fmt::format("{} FAILED: {}", deny ? "refusing it" : "killing it",
                     printable(response.detail, 200));
}

const IndicatorMatch* loudest_match(const Alert& alert) {
  const auto loudest = std::ranges::max_element(
      alert.matches, {}, [](const IndicatorMatch& m) { return m.indicator.severity; });
  return loudest == alert.matches.end() ? nullptr : &*loudest;
}

bool script_matched(const Alert& alert) {
  if (alert.lineage.empty() || !alert.lineage[0].script_hash.digests) return false;
  const FileDigests& digests = *alert.lineage[0].script_hash.digests;
  return std::ranges::any_of(alert.matches, [&](const IndicatorMatch& m) {
    return m.matched == digests.sha256.hex() ||
           (digests.sha1 && m.matched == digests.sha1->hex()) ||
           (digests.md5 && m.matched == digests.md5->hex());
  });
}

}  // namespace tocsin
