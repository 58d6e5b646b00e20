// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alert/message.hpp"
#include "base/nat64.hpp"
#include "base/text.hpp"
#include "daemon/pipeline_publish.hpp"
#include "daemon/resolver_programs.hpp"
#include "detect/indicator_match.hpp"
#include "detect/name_match.hpp"
#include "event/event_json.hpp"

// The pipeline's stages for names: what a destination is called, and whether that name is listed.
namespace tocsin {
namespace {

std::optional<NameSource> parse_source(std::string_view word) {
  for (int i = 0; i <= static_cast<int>(NameSource::kActiveLookup); ++i)
    if (to_string(static_cast<NameSource>(i)) == word) return static_cast<NameSource>(i);
  return std::nullopt;
}

// Packets tell both ends, replayed lines an answer without its question.
bool tells_its_socket(const DnsEvent& event) {
  return event.origin == DnsOrigin::kPacket && event.client.port != 0;
}

// Why a name says less than it seems to; empty: it is the program's own.
std::string weakness(const NameCandidate& name) {
  if (name.stale) return "the name's answer was older than its TTL when the contact was made";
  std::string who;
  const bool unknown = !name.learned_by.known();
  switch (name.source) {
    case NameSource::kOwnDns:
    case NameSource::kTlsSni:
    case NameSource::kQuicSni:
    case NameSource::kHttpHost:
      if (name.own) return {};
      who = unknown ? "which program said the name is not known"
                    : "the name was said by another process";
      break;
    case NameSource::kOtherDns:
      who = unknown ? "which program resolved the name is not known"
                    : "the name was resolved by another process";
      break;
    case NameSource::kResolverMonitor:
      who = "the name comes from the resolver's monitor, which does not tell who asked";
      break;
    case NameSource::kActiveLookup:
      who = "matched by address only: tocsin itself resolved the listed name to it";
      break;
  }
  if (name.sharing > 1) who += fmt::format(", and this address has {} names", name.sharing);
  return who;
}

std::string address_weakness(const ConnectEvent& event) {
  if (event.host.empty())
    return "matched by address only: an address can be shared or reassigned, and no host name was "
           "seen";
  return fmt::format(
      "the address matched, but it was known as {}, which is not listed: an address can be shared "
      "or reassigned",
      printable(event.host, 255));
}

bool is_ours(const Pipeline::Parts& parts, ProcessId process) {
  return parts.is_own && process.known() && parts.is_own(process);
}

}  // namespace

bool Pipeline::own(ProcessId process) {
  if (!is_ours(parts_, process)) return false;
  ++counters_.own;
  return true;
}

std::optional<Unwatched> Pipeline::on_looked_up(const IpAddress& address,
                                                WatchedAddresses::Origin origin) {
  return watched_.learn(address, std::move(origin));
}

// ---- Contacts
// -------------------------------------------------------------------------------------

std::vector<NameCandidate> Pipeline::name_destination(ConnectEvent& event) {
  auto names = names_.candidates(
      {event.net_ns, event.remote.address, event.head.process, event.head.time_ns});
  if (!names.empty() || !event.host.empty()) ++counters_.connect_named;
  if (!event.host.empty()) {  // a replayed line knows better
    NameCandidate said;
    said.name = event.host;
    said.source = parse_source(event.host_source).value_or(NameSource::kOtherDns);
    said.own = said.source < NameSource::kOtherDns;
    said.learned_ns = event.head.time_ns;
    said.stale = event.host_stale;
    std::erase_if(names, [&](const NameCandidate& n) { return n.name == said.name; });
    names.insert(names.begin(), std::move(said));
    return names;
  }
  if (names.empty()) return names;
  const auto& best = names.front();
  event.host = best.name;
  event.host_source = to_string(best.source);
  event.host_age_ns = best.age_ns;
  event.host_stale = best.stale;
  event.host_sharing = best.sharing;
  return names;
}

void Pipeline::judge_contact(const ConnectEvent& event, const Subject& subject,
                             std::vector<NameCandidate>& names) {
  const auto now = parts_.clock.wall_ns();
  const auto& index = *parts_.indicators.current();
  auto by_name = match_names(index, names, now);
  if (by_name.matches.empty()) {
    const auto& to = event.remote.address;
    const auto* origin = watched_.find(to, event.head.time_ns);
    if (const auto meant = behind_nat64(to); meant && origin == nullptr)
      origin = watched_.find(*meant, event.head.time_ns);
    if (origin != nullptr) {
      NameCandidate watched;
      watched.name = origin->domain;
      watched.source = NameSource::kActiveLookup;
      watched.learned_ns = origin->learned_ns;
      watched.age_ns =
          static_cast<std::uint64_t>(std::max(WallNs{0}, event.head.time_ns - origin->learned_ns));
      watched.ttl_s = origin->ttl_s;
      if (origin->source != NameSource::kActiveLookup) watched.source = NameSource::kOtherDns;
      watched.sharing = names.size() + 1;
      names.push_back(std::move(watched));
      by_name = match_names(index, names, now);
    }
  }
  auto matches = match_address(index, event.remote.address, now);
  if (matches.empty() && by_name.matches.empty()) return;
  if (own(event.head.process)) return;
  ++counters_.matches;
  const bool named = !by_name.matches.empty();
  auto alert =
      new_alert(named ? AlertKind::kConnectName : AlertKind::kConnectIp,
                {subject.process, subject.image, Content::kExecutable}, event.head.time_ns);
  alert.connect = event;
  if (named) {
    // The line of the contact names what it was most likely called; the alert what was listed.
    const auto& best = names[by_name.best];
    if (matches.empty()) alert.weak_because = weakness(best);
    alert.connect->host = best.name;
    alert.connect->host_source = to_string(best.source);
    alert.connect->host_stale = best.stale;
  } else {
    alert.weak_because = address_weakness(event);
  }
  alert.matches = std::move(by_name.matches);
  std::ranges::move(matches, std::back_inserter(alert.matches));
  if (parts_.responder != nullptr)
    alert.response =
        parts_.responder->on_contact(alert.matches, event, !alert.weak_because.empty() && named);
  alert.severity = loudest(alert.matches);
  alert.names = names;
  alert.message = alert_message(alert);
  parts_.on_alert(std::move(alert));
}

// ---- Questions and answers
// ------------------------------------------------------------------------

void Pipeline::handle(PacketEvent& event) {
  ++counters_.packet;
  if (!event.head.process.known()) ++counters_.packet_unowned;
  if (parts_.packets != nullptr) parts_.packets->on_packet(event);
}

void Pipeline::handle(DnsEvent& event) {
  ++counters_.dns;
  const auto subject = subject_of(event.head);
  const bool answer = is_answer(event);
  QuestionTable::Heard heard;
  bool raised = false, unasked = false, ours = false;
  if (answer) {
    const auto asked_for = questions_.on_answer(event);
    raised = asked_for.has_value();
    ours = is_ours(parts_, event.head.process) || (raised && is_ours(parts_, *asked_for));
    unasked = !raised && tells_its_socket(event);
    if (unasked) ++counters_.unasked;
    // Before the publication: a connect may stand right behind the answer.
    if (!unasked) names_.learn(event, ours);
  } else {
    const auto start = static_cast<WallNs>(event.head.process.start_ns);
    heard = questions_.on_question(event, start == 0 ? 0 : start + boot_epoch_ns(parts_.clock));
    if (heard.on_behalf_of) ++counters_.relayed;
  }
  publish("dns", event, subject.process.get());
  tell(&Observer::on_dns, event, subject);
  auto matches = match_dns(*parts_.indicators.current(), event, parts_.clock.wall_ns());
  if (matches.empty()) return;
  // What tocsin's relay asks, nobody here wants to contact.
  if (answer && parts_.responder != nullptr)
    parts_.responder->on_answer(matches, event, raised && !ours);
  // Anybody can send an answer: what nobody asked for is neither believed nor an alarm.
  if (unasked) return;
  if (answer) watch_answers(event, matches);
  // A name that was asked for was judged when it was asked; an alias is news.
  raised = raised && std::ranges::any_of(
                         matches, [](const auto& m) { return m.field == "dns.question.name"; });
  if (raised || own(event.head.process)) return;
  if (heard.on_behalf_of && own(*heard.on_behalf_of)) return;
  raise_dns(event, std::move(matches), heard);
}

// Whoever contacts these addresses next, by whatever name: worth a weak alert.
void Pipeline::watch_answers(const DnsEvent& answer, const std::vector<IndicatorMatch>& matches) {
  const auto watch = [&](const IpAddress& address, const DnsAnswer& record) {
    WatchedAddresses::Origin origin;
    origin.domain = matches.front().matched;
    origin.learned_ns = answer.head.time_ns;
    origin.ttl_s = record.ttl_s;
    watched_.learn(address, std::move(origin));
  };
  for (const auto& record : answer.answers) {
    if (record.type == "A" || record.type == "AAAA")
      if (const auto address = IpAddress::parse(record.data)) watch(*address, record);
    for (const auto& hint : record.hints) watch(hint, record);
  }
}

void Pipeline::raise_dns(DnsEvent& event, std::vector<IndicatorMatch> matches,
                         const QuestionTable::Heard& heard) {
  ++counters_.matches;
  std::shared_ptr<Process> subject;
  if (heard.on_behalf_of) subject = parts_.processes.find(*heard.on_behalf_of);
  const bool relayed = subject != nullptr;
  if (!relayed && event.head.process.known()) subject = parts_.processes.of(event.head);
  auto alert = new_alert(AlertKind::kDnsName,
                         {subject, subject ? subject->image : nullptr, Content::kExecutable},
                         event.head.time_ns);
  if (relayed) alert.relayed_by = event.head.process;
  if (event.origin == DnsOrigin::kResolverMonitor) {
    alert.weak_because = "told by the resolver's monitor, which does not say which program asked";
  } else if (subject == nullptr) {
    alert.weak_because =
        "which program asked is not known: the socket is older than tocsin, or this is a capture "
        "file";
  } else if (subject->image != nullptr && is_resolver(*subject->image)) {
    alert.weak_because =
        "asked by a resolver on behalf of a program that sent no packet: who asked is not known";
  }
  if (parts_.responder != nullptr && !is_answer(event))
    alert.response = parts_.responder->on_question(matches, event);
  alert.severity = loudest(matches);
  alert.matches = std::move(matches);
  alert.dns = std::move(event);
  alert.message = alert_message(alert);
  parts_.on_alert(std::move(alert));
}

// ---- Hellos
// ---------------------------------------------------------------------------------------

void Pipeline::handle(HelloEvent& event) {
  ++counters_.hello;
  const auto subject = subject_of(event.head);
  names_.learn(event);
  publish(kind_name(Event(event)), event, subject.process.get());
  tell(&Observer::on_hello, event, subject);
  auto matches = match_hello(*parts_.indicators.current(), event, parts_.clock.wall_ns());
  if (matches.empty() || own(event.head.process)) return;
  ++counters_.matches;
  auto alert =
      new_alert(AlertKind::kHostName, {subject.process, subject.image, Content::kExecutable},
                event.head.time_ns);
  if (event.encrypted_name)
    alert.weak_because = "the hello offered ECH: the name may be the outer, public one";
  alert.severity = loudest(matches);
  alert.matches = std::move(matches);
  alert.names = names_.candidates(
      {event.net_ns, event.remote.address, event.head.process, event.head.time_ns});
  alert.hello = std::move(event);
  alert.message = alert_message(alert);
  parts_.on_alert(std::move(alert));
}

}  // namespace tocsin
