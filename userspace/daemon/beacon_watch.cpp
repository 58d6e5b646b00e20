// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/beacon_watch.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "beacon/program_facts.hpp"
#include "daemon/beacon_subject.hpp"
#include "detect/name_match.hpp"

namespace tocsin {
namespace {

constexpr double kLongLivedS = 4 * 3'600;
constexpr double kLongOpenMostS = 7 * 86'400;  // then its end was lost
constexpr double kLibraryS = 30 * 86'400;      // so long a library's change counts
constexpr std::uint64_t kFreshAnswerNs = 86'400ULL * 1'000'000'000;
constexpr std::size_t kUnrelatedNamesMost = 3;
constexpr std::uint16_t kDnsPort = 53;
constexpr auto kForget = [](const auto&, const auto&) {};

bool is_failure(ConnectResult result) {
  switch (result) {
    case ConnectResult::kUnknown:
    case ConnectResult::kOk:
    case ConnectResult::kInProgress:
      return false;
    default:
      return true;
  }
}

// More digits than the method has.
double rounded(double value) {
  return std::round(value * 1e4) / 1e4;
}

bool is_outside(const IpAddress& address) {
  return !address.is_loopback() && !address.is_link_local() && !address.is_unspecified() &&
         !address.is_multicast();
}

// One subscriber has a whole /64.
std::string address_destination(const IpAddress& address) {
  if (address.is_v4()) return address.to_string();
  std::array<std::uint8_t, 16> network{};
  std::ranges::copy(address.bytes().first(8), network.begin());
  return IpAddress::v6(network).to_string() + "/64";
}

}  // namespace

BeaconWatch::BeaconWatch(Parts parts)
    : parts_(std::move(parts)),
      facts_(parts_.clock, parts_.cgroups, parts_.accounts),
      programs_(parts_.options.time_scale),
      table_(parts_.options),
      held_([this](const HeldContact& contact) { file(contact); }),
      alerts_({.clock = parts_.clock,
               .time_scale = parts_.options.time_scale,
               .allowed = std::move(parts_.allowed),
               .on_alert = [this](Alert alert) {
                 ++counters_.alerts;
                 parts_.on_alert(std::move(alert));
               }}) {}

WallNs BeaconWatch::scaled(double seconds) const {
  return static_cast<WallNs>(seconds / parts_.options.time_scale * kNsPerSecond);
}

// ---- What the pipeline tells

void BeaconWatch::on_contact(const ConnectEvent& event, const Subject& subject,
                             std::span<const NameCandidate> names) {
  const auto process = event.head.process;
  if (!is_outside(event.remote.address) ||
      (process.known() && parts_.is_own && parts_.is_own(process))) {
    ++counters_.ignored;
    return;
  }
  if (subject.process == nullptr && event.local.port == 0) {
    ++counters_.unattributed;
    return;
  }
  if (!event.host.empty() && held_.holds_questions())
    held_.on_followed(domain_of(event.host), subject);
  HeldContact contact;
  contact.subject = subject;
  contact.connect = event;
  contact.failed = is_failure(event.result);
  contact.indicator = indicator_evidence(event, names);
  if (!names.empty()) contact.names.assign(names.begin(), names.begin() + 1);
  held_.add(std::move(contact));
}

void BeaconWatch::on_contact_result(const ConnectResultEvent& event, const Subject&) {
  if (!is_failure(event.result)) return;
  const auto id = connection_id(event.cookie, event.head.process, event.remote);
  if (auto* waiting = held_.find(id)) {
    waiting->failed = true;
  } else if (const auto* open = open_.find(id)) {
    if (table_.holds(open->slot, open->identity)) ++table_.key(open->slot).failed;
    open_.erase(id);
  }
}

void BeaconWatch::on_close(const CloseEvent& event, const Subject&) {
  const auto id = connection_id(event.cookie, event.head.process, event.remote);
  if (auto* waiting = held_.find(id)) {
    waiting->bytes_out = event.bytes_out;
    waiting->duration_ns = event.duration_ns.value_or(0);
    return;
  }
  for (auto* contacts : {&open_, &long_open_}) {
    const auto* open = contacts->find(id);
    if (open == nullptr) continue;
    const auto contact = *open;
    contacts->erase(id);
    ended(contact, event.bytes_out, event.duration_ns);
  }
}

// A question that no connect follows is a contact by itself: that is how DNS carries data.
void BeaconWatch::on_dns(const DnsEvent& event, const Subject& subject) {
  const auto process = event.head.process;
  // Who asked the resolver is not told by its monitor.
  if (event.origin == DnsOrigin::kResolverMonitor) return;
  if (process.known() && parts_.is_own && parts_.is_own(process)) return;
  if (subject.process == nullptr && event.client.port == 0) return;
  HeldContact question;
  question.subject = subject;
  question.kind = ContactKind::kDns;
  question.connect.head = event.head;
  question.connect.local = event.client;
  question.connect.remote.port = kDnsPort;
  question.name = domain_of(event.qname);
  question.question = event.qname;
  // Of a question and its answer the first that is seen counts; a line may tell the answer only.
  const bool news = held_.on_question(question, event.server);
  if (news && !question.name.empty()) held_.add(std::move(question));
}

void BeaconWatch::on_hello(const HelloEvent& event, const Subject& subject) {
  if (event.host.empty() || event.encrypted_name) return;
  // A hello that goes nowhere stands for no question.
  if (!is_outside(event.remote.address)) return;
  held_.on_name(connection_id(event.cookie, event.head.process, event.remote), event.host);
  if (held_.holds_questions()) held_.on_followed(domain_of(event.host), subject);
}

void BeaconWatch::flush() {
  held_.flush();
  alerts_.flush();
}

void BeaconWatch::tick() {
  programs_.begin_coverage(parts_.clock.wall_ns());
  held_.tick(parts_.clock.wall_ns());
  alerts_.tick();
  const auto long_ago = parts_.clock.wall_ns() - scaled(kLongLivedS);
  // A line that tells of a connection's end may be missing, an event of the kernel is not. It goes
  // on: what follows below the program still counts, and its end tells its bytes.
  while (!open_.empty() && open_.oldest_key().cookie != 0 && open_.oldest().opened_ns <= long_ago) {
    const auto id = open_.oldest_key();
    const auto contact = open_.oldest();
    open_.erase(id);
    long_open_.get(id, kForget) = contact;
    mark_long_lived(contact);
  }
  const auto too_long_ago = parts_.clock.wall_ns() - scaled(kLongOpenMostS);
  while (!long_open_.empty() && long_open_.oldest().opened_ns <= too_long_ago)
    long_open_.erase(ConnectionId(long_open_.oldest_key()));
}

// ---- Filing

std::string BeaconWatch::domain_of(const std::string& name) const {
  if (name.ends_with(".arpa")) return {};
  auto registrable = parts_.suffixes.registrable(name);
  return registrable.empty() ? name : registrable;
}

std::optional<Evidence> BeaconWatch::indicator_evidence(
    const ConnectEvent& event, std::span<const NameCandidate> names) const {
  if (parts_.indicators == nullptr || names.empty()) return std::nullopt;
  const std::vector<NameCandidate> all(names.begin(), names.end());
  const auto found = match_names(*parts_.indicators->current(), all, event.head.time_ns);
  if (found.matches.empty()) return std::nullopt;
  const bool fresh =
      all[found.best].age_ns <= kFreshAnswerNs && all.size() - 1 <= kUnrelatedNamesMost;
  return fresh ? Evidence::kIndicatorFresh : Evidence::kIndicatorStale;
}

BeaconWatch::Contactor& BeaconWatch::contactor(const std::shared_ptr<Process>& process,
                                               const std::shared_ptr<Image>& image) {
  auto& known = contactors_.get(process->id, kForget);
  if (!known.process.expired() && known.image.lock() == image) return known;
  known.image = image;
  known.process = process;
  known.container = facts_.container_of(*process);
  known.subject = {};
  if (image != nullptr) {
    known.subject = beacon_subject(process, *image, known.container);
    auto& lineage = known.subject.lineage;
    if (lineage.has(Evidence::kLogin) && !has_session_above(*process))
      lineage.remove(Evidence::kLogin);
    lineage.add(Evidence::kLogin, is_persons(*process, image->exec));
  }
  programs_.tell(known.container, known.subject);
  add_library(known.container, known.subject);
  return known;
}

void BeaconWatch::add_library(const std::string& container, BeaconSubject& subject) {
  // What belongs to nobody has libraries of nobody.
  if (subject.image.has(Evidence::kUnowned)) return;
  const auto* since = libraries_.find({subject.id, container});
  subject.image.add(Evidence::kLibrary,
                    since != nullptr && parts_.clock.wall_ns() - *since < scaled(kLibraryS));
}

void BeaconWatch::on_module(const ModuleEvent& event, const Subject& subject, const HashResult&) {
  if (subject.image == nullptr || !is_settled(*subject.image)) return;
  const auto container = facts_.container_of(*subject.process);
  const bool altered = event.packaged == false || event.package_intact == false || event.memfd ||
                       (event.packaged != true && never_packaged(event.path));
  WallNs since = altered ? event.head.time_ns : 0;
  if (event.sha256) {
    BeaconSubject library;
    library.id = *event.sha256;
    library.path = event.path;
    programs_.see({.id = library.id,
                   .container = container,
                   .path = library.path,
                   .now_ns = event.head.time_ns});
    programs_.tell(container, library);
    since = std::max(since, library.changed_ns);
  }
  if (since == 0) return;
  const auto program = beacon_subject(subject.process, *subject.image, container);
  libraries_.get({program.id, container}, kForget) = since;
  if (auto* known = contactors_.find(subject.process->id)) add_library(container, known->subject);
}

void BeaconWatch::file(const HeldContact& contact) {
  const auto& event = contact.connect;
  const bool by_process = contact.subject.process != nullptr;
  auto* who = by_process ? &contactor(contact.subject.process, contact.subject.image) : nullptr;
  if (who != nullptr && contact.kind == ContactKind::kConnect)
    who->last = std::make_shared<const LastContact>(LastContact{event, contact.names});
  const auto by_address = by_process ? BeaconSubject() : beacon_subject(event.local.address);
  const auto& subject = by_process ? who->subject : by_address;
  BeaconContact filed{.time_ns = contact.time_ns(),
                      .subject = subject,
                      .container = by_process ? who->container : std::string(),
                      .destination = contact.kind == ContactKind::kDns ? contact.name : event.host,
                      .port = event.remote.port,
                      .kind = contact.kind,
                      .failed = contact.failed,
                      .name_said_only = contact.name_said_only,
                      .indicator = contact.indicator};
  if (filed.destination.empty()) {
    filed.destination = address_destination(event.remote.address);
    filed.unnamed_public = !event.remote.address.is_private();
  }
  const auto slots = table_.file(filed);
  if (slots.key != BeaconTable::kNone && contact.kind == ContactKind::kConnect &&
      event.protocol != IPPROTO_UDP && !contact.failed) {
    const OpenContact open{slots.key, table_.identity_of(slots.key), contact.time_ns(),
                           contact.subject.process, contact.subject.image};
    if (contact.duration_ns)
      ended(open, contact.bytes_out, contact.duration_ns);
    else
      open_.get(contact.id(), kForget) = open;
  }
  for (const auto slot : {slots.key, slots.roll_up})
    if (slot != BeaconTable::kNone) weigh(slot, contact.subject, &contact);
}

void BeaconWatch::ended(const OpenContact& contact, std::optional<std::uint64_t> bytes_out,
                        std::optional<std::uint64_t> duration_ns) {
  if (!table_.holds(contact.slot, contact.identity)) return;
  if (bytes_out) table_.key(contact.slot).timing.on_size(*bytes_out);
  if (duration_ns && static_cast<WallNs>(*duration_ns) >= scaled(kLongLivedS))
    mark_long_lived(contact);
}

void BeaconWatch::mark_long_lived(const OpenContact& contact) {
  if (!table_.holds(contact.slot, contact.identity)) return;
  table_.key(contact.slot).flags |= BeaconKey::kLongLived;
  weigh(contact.slot, contact.subject(), nullptr);
}

void BeaconWatch::weigh(BeaconTable::Slot slot, const Subject& subject,
                        const HeldContact* contact) {
  const auto now = contact != nullptr ? contact->time_ns() : parts_.clock.wall_ns();
  const auto assessment = table_.assess(slot, now);
  if (!is_news(slot, assessment, subject, now)) return;
  table_.note_told(slot, raise(table_.finding(slot, assessment), subject, contact, nullptr));
}

// A level is reached for the first time, or the first time since an entry of beacon.allow kept one
// silent.
bool BeaconWatch::is_news(BeaconTable::Slot slot, const Assessment& assessment,
                          const Subject& subject, WallNs now) {
  const auto& key = table_.key(slot);
  if (key.has(BeaconKey::kSilenced) && subject.process != nullptr && subject.image != nullptr &&
      alerts_.is_disowned(table_.subject(key).facts,
                          facts_.of_one(*subject.process, subject.image.get())))
    table_.forget_crossings(slot);
  return table_.cross(slot, assessment, now);
}

// ---- Answers

std::vector<BeaconWatch::Row> BeaconWatch::rows(double least_score) {
  std::vector<Row> out;
  for (std::size_t i = 0; i < table_.slots(); ++i) {
    const auto slot = static_cast<BeaconTable::Slot>(i);
    const auto& key = table_.key(slot);
    if (!key.has(BeaconKey::kUsed)) continue;
    if (key.has(BeaconKey::kRollUp) && !table_.speaks_for_itself(key)) continue;
    const auto assessment = table_.assess(slot, key.timing.last_ns());
    if (assessment.score.beacon < least_score) continue;
    out.push_back(
        {slot, table_.identity_of(slot), assessment.score.beacon, assessment.fusion.probability});
  }
  std::ranges::sort(out, [](const Row& a, const Row& b) {
    return std::tie(b.score, b.probability, a.slot) < std::tie(a.score, a.probability, b.slot);
  });
  return out;
}

std::optional<std::string> BeaconWatch::row_json(const Row& row) {
  if (!table_.holds(row.slot, row.identity)) return std::nullopt;
  const auto assessment = table_.assess(row.slot, table_.key(row.slot).timing.last_ns());
  std::string out;
  JsonWriter w(out);
  write_beacon(w, table_.finding(row.slot, assessment), [&](JsonWriter& more) {
    if (!table_.options().course) return;
    more.member_array("history");
    for (const auto& p : table_.course(row.slot)) {
      more.begin_array().unix_seconds(p.time_ns).value(p.episodes);
      more.value(rounded(p.score)).value(rounded(p.probability)).end();
    }
    more.end();
  });
  return out;
}

nlohmann::json BeaconWatch::status() const {
  const auto& table = table_.counters();
  const auto& held = held_.counters();
  auto out = alerts_.status();
  out.update(nlohmann::json{{"keys", table_.size()},
                            {"keys_max", table_.options().keys_max},
                            {"contacts", table.contacts},
                            {"ignored", counters_.ignored},
                            {"unattributed", counters_.unattributed},
                            {"beyond_quota", table.beyond_quota},
                            {"evicted_owned", table.evicted_owned},
                            {"evicted_pinned", table.evicted_pinned},
                            {"programs_forgotten", programs_.forgotten()},
                            {"waiting", held.waiting},
                            {"overflowed", held.overflowed},
                            {"unhashed", held.unhashed},
                            {"questions_followed", held.followed},
                            {"alerts", counters_.alerts}});
  return out;
}

}  // namespace tocsin
