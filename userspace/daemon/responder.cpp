// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/responder.hpp"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "base/nat64.hpp"
#include "base/text.hpp"
#include "detect/name_match.hpp"
#include "respond/kill_process.hpp"

namespace tocsin {

using Json = nlohmann::json;

namespace {

DenialTables::File file_of(const FileIdentity& f) {
  return {.ino = f.ino,
          .size = f.size,
          .mtime_ns = f.mtime_ns,
          .dev = f.dev,
          .generation = f.generation};
}

}  // namespace

Responder::Responder(Parts parts)
    : parts_(std::move(parts)),
      denials_(
          {.clock = parts_.clock,
           .kernel = parts_.kernel,
           .policy = parts_.policy,
           .is_guarded = parts_.is_guarded,
           .spared = std::move(parts_.spared),
           .named = [this](std::uint32_t net_ns,
                           const IpAddress& address) { return about_address(net_ns, address); }}),
      files_({.clock = parts_.clock,
              .kernel = parts_.kernel,
              .policy = parts_.policy,
              .is_vital = std::move(parts_.is_vital)}) {
  apply();
}

KernelResponse::Options Responder::kernel_options(const ResponsePolicy& policy, bool questions) {
  const bool deny = policy.uses(ResponseMode::kDeny);
  return {.network = deny,
          .questions = deny && questions,
          .files = deny || policy.uses(ResponseMode::kKill),
          .content = deny};
}

bool Responder::needs_kill(const ResponsePolicy& policy) {
  return !policy.dry_run() &&
         (policy.uses(ResponseMode::kDeny) || policy.uses(ResponseMode::kKill));
}

void Responder::indicators_changed() {
  apply();
}

void Responder::apply() {
  const auto index = parts_.indicators.current();
  denials_.apply(*index);
  files_.apply(*index);
  if (names_ != nullptr && parts_.policy.uses(ResponseMode::kDeny))
    names_->for_each_asked(
        parts_.clock.wall_ns(),
        [this](std::uint32_t net_ns, const IpAddress& address, const NameCandidate& name) {
          denials_.learn_known(net_ns, address, about_name(name));
        });
  const auto left_out = denials_.counters().left_out;
  if (left_out > 0 && left_out != left_out_told_ && parts_.on_trouble)
    parts_.on_trouble(fmt::format(
        "the kernel side has no room for {} of the denied values: they raise alerts only",
        left_out));
  left_out_told_ = left_out;
}

ResponsePolicy::Decision Responder::about_name(const NameCandidate& name) const {
  const auto now = parts_.clock.wall_ns();
  return parts_.policy.decide(match_names(*parts_.indicators.current(), {name}, now).matches, now);
}

// Under its latest name only: an address that another name was resolved to since is that one's.
ResponsePolicy::Decision Responder::about_address(std::uint32_t net_ns,
                                                  const IpAddress& address) const {
  if (names_ == nullptr) return {};
  const auto name = names_->asked_name(net_ns, address, parts_.clock.wall_ns());
  return name ? about_name(*name) : ResponsePolicy::Decision{};
}

void Responder::tick() {
  denials_.tick();
  const auto now = parts_.clock.wall_ns();
  if (now >= denials_.next_change_ns())
    apply();
  else if (now >= files_.next_change_ns())
    files_.apply(*parts_.indicators.current());
}

std::optional<ResponseFacts> Responder::counted(ResponseFacts facts) {
  switch (facts.result) {
    case ResponseResult::kDone:
      ++(facts.action == ResponseAction::kKill ? counters_.killed : counters_.refused);
      break;
    case ResponseResult::kRehearsed:
      ++counters_.rehearsed;
      break;
    case ResponseResult::kFailed:
      ++counters_.failed;
      break;
  }
  return facts;
}

ResponseFacts Responder::kill(ProcessId process, std::string rule, WallNs event_ns) {
  ResponseFacts facts{.action = ResponseAction::kKill, .rule = std::move(rule), .detail = {}};
  if (parts_.policy.dry_run()) {
    facts.result = ResponseResult::kRehearsed;
  } else if (parts_.is_own && parts_.is_own(process)) {
    facts.result = ResponseResult::kFailed;
    facts.detail = "it is one of tocsin's own";
  } else if (const auto done = kill_process(process); !done) {
    facts.result = ResponseResult::kFailed;
    facts.detail = done.error().message;
  }
  const auto now = parts_.clock.wall_ns();
  facts.latency_ns = now > event_ns ? static_cast<std::uint64_t>(now - event_ns) : 0;
  return facts;
}

std::optional<ResponseFacts> Responder::on_content(const ListedContent& content,
                                                   const Process& process, const ExecEvent& exec,
                                                   bool is_file) {
  auto decision = parts_.policy.decide(content.digests, content.matches, parts_.clock.wall_ns());
  if (decision.mode == ResponseMode::kAlert) return std::nullopt;
  if (is_file && parts_.kernel.options().files)
    files_.add(file_of(exec.file), content.digests, *parts_.indicators.current());
  if (is_file && (exec.killed || exec.kill_rehearsed))
    return counted({.action = ResponseAction::kKill,
                    .result = exec.killed ? ResponseResult::kDone : ResponseResult::kRehearsed,
                    .rule = std::move(decision.rule),
                    .detail = "in the exec hook, before its first instruction"});
  return counted(kill(process.id, std::move(decision.rule), exec.head.time_ns));
}

void Responder::on_innocent(const FileIdentity& file, const std::string& path) {
  if (!files_.forget(file_of(file)) || !parts_.on_trouble) return;
  parts_.on_trouble(fmt::format(
      "a process was killed as it executed or mapped a file whose content is not listed any more: "
      "it was written to with size and time of the last change kept; the next one is let pass: {}",
      printable(path, 300)));
}

std::optional<ResponseFacts> Responder::on_library(const ListedContent& content,
                                                   const Process* process,
                                                   const ModuleLedger::Mapped& mapped) {
  auto decision = parts_.policy.decide(content.digests, content.matches, parts_.clock.wall_ns());
  if (decision.mode == ResponseMode::kAlert) return std::nullopt;
  // Before the kill: whoever starts the process anew is as fast as this is.
  if (parts_.kernel.options().files)
    files_.add(file_of(mapped.file), content.digests, *parts_.indicators.current());
  if (mapped.killed || mapped.kill_rehearsed)
    return counted({.action = ResponseAction::kKill,
                    .result = mapped.killed ? ResponseResult::kDone : ResponseResult::kRehearsed,
                    .rule = std::move(decision.rule),
                    .detail = "as it was mapped, before its first instruction"});
  if (process == nullptr) return std::nullopt;
  return counted(kill(process->id, std::move(decision.rule), mapped.at_ns));
}

std::optional<ResponseFacts> Responder::on_contact(const std::vector<IndicatorMatch>& matches,
                                                   const ConnectEvent& event, bool weak) {
  auto decision = parts_.policy.decide(matches, parts_.clock.wall_ns());
  ResponseFacts facts{
      .action = ResponseAction::kDeny, .rule = std::move(decision.rule), .detail = {}};
  // The isolation counts what it refuses itself, and asks no rule.
  if (event.isolated) return std::nullopt;
  if (event.result == ConnectResult::kDenied) return counted(std::move(facts));
  facts.result = ResponseResult::kRehearsed;
  if (event.rehearsed) return counted(std::move(facts));
  denials_.learn_known(event.net_ns, event.remote.address,
                       about_address(event.net_ns, event.remote.address));
  const auto& to = event.remote.address;
  const auto meant = behind_nat64(to);
  if (parts_.policy.allows(IpNetwork::single(to)) ||
      (meant && parts_.policy.allows(IpNetwork::single(*meant))))
    return std::nullopt;
  switch (decision.mode) {
    case ResponseMode::kAlert:
      return std::nullopt;
    case ResponseMode::kKill:
      if (weak || !event.head.process.known()) return std::nullopt;
      return counted(kill(event.head.process, std::move(facts.rule), event.head.time_ns));
    case ResponseMode::kDeny:
      break;
  }
  if (weak || is_spared(matches, event.remote.address)) return std::nullopt;
  facts.result = ResponseResult::kFailed;
  facts.detail = "the contact was made before its address was known to be listed";
  return counted(std::move(facts));
}

// Contacted under a listed name, but of those that are never denied for a name's sake.
bool Responder::is_spared(const std::vector<IndicatorMatch>& matches,
                          const IpAddress& address) const {
  return denials_.is_spared(address) &&
         std::ranges::none_of(
             matches, [](const IndicatorMatch& match) { return match.field == "destination.ip"; });
}

std::optional<ResponseFacts> Responder::on_refused(const std::vector<IndicatorMatch>& matches,
                                                   const RefusedEvent& event) {
  auto decision = parts_.policy.decide(matches, parts_.clock.wall_ns());
  return counted({.action = ResponseAction::kDeny,
                  .result = event.rehearsed ? ResponseResult::kRehearsed : ResponseResult::kDone,
                  .rule = std::move(decision.rule),
                  .detail = event.known ? "in the kernel, by its verdict about the unchanged file"
                                        : "in the kernel, which hashed it",
                  .latency_ns = event.took_ns});
}

std::optional<ResponseFacts> Responder::on_question(const std::vector<IndicatorMatch>& matches,
                                                    const DnsEvent& question) {
  if (!parts_.kernel.options().questions || question.protocol != IPPROTO_UDP ||
      question.origin == DnsOrigin::kResolverMonitor)
    return std::nullopt;
  auto decision = parts_.policy.decide(matches, parts_.clock.wall_ns());
  if (decision.mode != ResponseMode::kDeny) return std::nullopt;
  return counted(
      {.action = ResponseAction::kDeny,
       .result = parts_.policy.dry_run() ? ResponseResult::kRehearsed : ResponseResult::kDone,
       .rule = std::move(decision.rule),
       .detail = "the question was dropped"});
}

// An answer that nobody asked for could deny any address.
void Responder::on_answer(const std::vector<IndicatorMatch>& matches, const DnsEvent& answer,
                          bool asked) {
  if (asked || answer.origin == DnsOrigin::kResolverMonitor)
    denials_.learn(answer, parts_.policy.decide(matches, parts_.clock.wall_ns()));
  else
    denials_.take_back(answer);
}

Json Responder::status() const {
  const auto& denied = denials_.counters();
  const auto& files = files_.counters();
  const auto kernel = parts_.kernel.counters();
  return {{"rules", parts_.policy.rules()},
          {"dry_run", parts_.policy.dry_run()},
          {"refused", counters_.refused},
          {"killed", counters_.killed},
          {"rehearsed", counters_.rehearsed},
          {"failed", counters_.failed},
          {"denied",
           {{"networks", denied.networks},
            {"names", denied.names},
            {"learned_addresses", denied.learned},
            {"digests", denied.digests},
            {"spared", denied.spared},
            {"left_out", denied.left_out},
            {"given_up", denied.given_up},
            {"swept", denied.swept}}},
          {"killed_files",
           {{"known", files.files}, {"left_out", files.left_out}, {"vital", files.vital}}},
          {"content_too_large", kernel.content_too_large},
          {"content_unread", kernel.content_unread}};
}

}  // namespace tocsin
