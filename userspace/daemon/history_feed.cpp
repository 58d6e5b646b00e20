// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/history_feed.hpp"

#include <netinet/in.h>

#include <string_view>
#include <utility>

#include "event/event_json.hpp"
#include "history/history_limits.hpp"
#include "history/reported.hpp"

namespace tocsin {
namespace {

constexpr std::uint32_t bit(SeenFlag flag) {
  return static_cast<std::uint32_t>(flag);
}

std::uint32_t unhashed(bool hashed) {
  return hashed ? 0 : bit(SeenFlag::kUnhashed);
}

// What all sightings by one subject share.
Sighting sighting_by(const HistorySubject& by, const EventHead& head) {
  return {.subject = by.content != nullptr ? std::string_view(*by.content) : std::string_view(),
          .container = by.container,
          .flags = by.content != nullptr ? unhashed(by.hashed) : 0,
          .time_ns = head.time_ns,
          .process = head.process,
          .who = by.who};
}

SingleEvent single(std::string_view kind, const HistorySubject& by, const EventHead& head) {
  SingleEvent event;
  event.kind = kind;
  event.time_ns = head.time_ns;
  event.process = head.process;
  event.who = by.who;
  event.content = by.content;
  return event;
}

std::uint32_t outcome_flag(ConnectResult result) {
  switch (result) {
    case ConnectResult::kOk:
      return bit(SeenFlag::kConnected);
    case ConnectResult::kRefused:
      return bit(SeenFlag::kRefused);
    case ConnectResult::kTimeout:
    case ConnectResult::kUnreachable:
      return bit(SeenFlag::kNoAnswer);
    default:
      return 0;
  }
}

std::string result_text(ConnectResult result) {
  if (result == ConnectResult::kUnknown || result == ConnectResult::kInProgress) return {};
  return to_string(result);
}

std::uint32_t hello_flag(HelloKind kind) {
  switch (kind) {
    case HelloKind::kTls:
      return bit(SeenFlag::kTlsHello);
    case HelloKind::kQuic:
      return bit(SeenFlag::kQuicHello);
    case HelloKind::kHttp:
      return bit(SeenFlag::kHttpHost);
  }
  return 0;
}

std::string_view hello_name(HelloKind kind) {
  return kind == HelloKind::kTls ? "tls" : kind == HelloKind::kQuic ? "quic" : "http";
}

std::string_view outcome_of(const HashResult& hash) {
  return hash.digests ? to_string(hash.rung) : to_string(hash.miss);
}

void set_endpoint(SingleEvent& event, const Endpoint& remote) {
  event.address = remote.address;
  event.port = remote.port;
}

}  // namespace

// ---- Waiting for the digest
// ------------------------------------------------------------------------

template <typename Record>
void HistoryFeed::when_hashed(const Subject& subject, Record&& record) {
  if (subject.own) return;
  if (subject.image == nullptr || digests_final(*subject.image)) return record();
  if (held_records_ >= limits::kHistoryHeldMax) {
    ++counters_.unhashed;
    return record();
  }
  auto& held = held_[subject.image.get()];
  if (held.records.empty()) held.since_ns = parts_.clock.boot_ns();
  held.records.emplace_back(std::forward<Record>(record));
  ++held_records_;
  ++counters_.held;
}

void HistoryFeed::release(const Image* image) {
  const auto it = held_.find(image);
  if (it == held_.end()) return;
  const auto held = std::move(it->second);
  held_.erase(it);
  held_records_ -= held.records.size();
  for (const auto& record : held.records) record();
}

void HistoryFeed::tick() {
  const auto now = parts_.clock.boot_ns();
  std::vector<const Image*> late;
  for (const auto& [image, held] : held_)
    if (now >= held.since_ns + limits::kHistoryHeldNs) late.push_back(image);
  for (const auto* image : late) {
    counters_.unhashed += held_[image].records.size();
    release(image);
  }
  tell_forgotten();
  see_living();
}

void HistoryFeed::flush() {
  while (!held_.empty()) release(held_.begin()->first);
}

// ---- Programs
// --------------------------------------------------------------------------------------

void HistoryFeed::on_program(const Subject& subject) {
  const auto& image = *subject.image;
  if (!subject.own) {
    auto& record = subjects_.of(subject);
    if (!record.program_filed) file_program(subject, record);
  }
  release(&image);
}

void HistoryFeed::file_program(const Subject& subject, HistorySubject& record) {
  record.program_filed = true;
  const auto& image = *subject.image;
  const auto& exec = image.exec;
  // What ran before the daemon did was seen now: since when it is there is not known.
  const EventHead head{image.from_procfs ? parts_.clock.wall_ns() : exec.head.time_ns,
                       subject.process->id, exec.head.cgroup_id};
  auto seen = sighting_by(record, head);
  seen.flags = image.from_procfs ? bit(SeenFlag::kRunningBefore) : 0;
  auto pending = parts_.store.pending();
  see_program(*pending, image, seen);
  if (image.from_procfs) return;
  pending->add_hashed(head.time_ns, outcome_of(image.hash));
  auto event = single("exec", record, head);
  event.value = exec.script ? exec.filename : exec.path;
  pending->add(std::move(event));
}

void HistoryFeed::see_program(HistoryBatch& batch, const Image& image, Sighting seen) {
  const auto& exec = image.exec;
  const auto shared = seen.flags;
  const bool hashed = image.hash.digests.has_value();
  const std::string value = hashed ? to_value(image.hash.digests->sha256) : exec.path;
  seen.kind = SeenKind::kProgram;
  seen.value = value;
  seen.subject = exec.path;
  seen.flags = shared | unhashed(hashed) | (exec.memfd ? bit(SeenFlag::kMemfd) : 0) |
               (exec.unlinked ? bit(SeenFlag::kUnlinked) : 0);
  batch.see(seen);
  file_content(batch, image.hash, exec.path,
               exec.file.ino != 0 ? std::optional(exec.file.size) : std::nullopt);
  if (!exec.script) return;
  const bool script_hashed = image.script_hash.digests.has_value();
  const std::string script =
      script_hashed ? to_value(image.script_hash.digests->sha256) : exec.filename;
  seen.kind = SeenKind::kScript;
  seen.value = script;
  seen.subject = exec.filename;
  seen.flags = shared | unhashed(script_hashed);
  batch.see(seen);
  file_content(batch, image.script_hash, exec.filename, std::nullopt);
}

// ---- Programs that run on
// --------------------------------------------------------------------------

// What was told once is told again when the file has it no longer.
void HistoryFeed::tell_forgotten() {
  const auto now = parts_.store.forgotten();
  if (now.begun_anew != forgotten_.begun_anew) {
    living_ = parts_.processes.living();
    begun_anew_ns_ = parts_.clock.wall_ns();
  }
  if (now.begun_anew != forgotten_.begun_anew || now.contents != forgotten_.contents)
    contents_ = Contents(limits::kHistoryWhoMax);
  forgotten_ = now;
}

// A program that started long ago is a sighting of today, and is not dropped for age.
void HistoryFeed::see_living() {
  if (const auto now = parts_.clock.boot_ns(); now >= next_walk_ns_) {
    next_walk_ns_ = now + limits::kHistoryLivingEveryNs;
    if (living_.empty()) living_ = parts_.processes.living();
  }
  for (std::size_t left = limits::kHistoryLivingStep; left > 0 && !living_.empty(); --left) {
    const auto process = living_.back().lock();
    living_.pop_back();
    if (process != nullptr) see_again(process);
  }
  if (living_.empty()) begun_anew_ns_ = 0;
}

void HistoryFeed::see_again(const std::shared_ptr<Process>& process) {
  const auto& image = process->image;
  if (process->exited || image == nullptr || !digests_final(*image)) return;
  if (parts_.is_own && parts_.is_own(process->id)) return;
  const auto& record = subjects_.of({process, image});
  auto seen = sighting_by(record, {parts_.clock.wall_ns(), process->id, process->cgroup_id});
  seen.count = 0;
  // Since when it runs stood in the file that is gone.
  seen.flags = image->exec.head.time_ns < begun_anew_ns_ ? bit(SeenFlag::kRunningBefore) : 0;
  see_program(*parts_.store.pending(), *image, seen);
}

// Told once, and again when it has more digests.
void HistoryFeed::file_content(HistoryBatch& batch, const HashResult& hash, const std::string& path,
                               std::optional<std::uint64_t> size) {
  if (!hash.digests) return;
  auto& told = contents_.get(hash.digests->sha256, [](const auto&, const auto&) {});
  if (told == hash.digests) return;
  told = hash.digests;
  batch.add_content({*hash.digests, path, size});
}

void HistoryFeed::on_exit(const ExitEvent&, const Subject& subject) {
  subjects_.forget(subject.process->id);
}

void HistoryFeed::on_module(const ModuleEvent& event, const Subject& subject,
                            const HashResult& hash) {
  when_hashed(subject, [this, event, subject, hash] {
    const auto& by = subjects_.of(subject);
    const std::string value = event.sha256 ? to_value(*event.sha256) : event.path;
    auto seen = sighting_by(by, event.head);
    seen.kind = SeenKind::kModule;
    seen.value = value;
    seen.flags |= unhashed(event.sha256.has_value());
    auto raw = single("module", by, event.head);
    raw.value = value;
    raw.name = event.sha256 ? event.path : std::string();
    auto pending = parts_.store.pending();
    pending->see(seen);
    file_content(*pending, hash, event.path,
                 event.file.ino != 0 ? std::optional(event.file.size) : std::nullopt);
    pending->add(std::move(raw));
  });
}

// ---- Contacts
// --------------------------------------------------------------------------------------

void HistoryFeed::on_contact(const ConnectEvent& event, const Subject& subject,
                             std::span<const NameCandidate> names) {
  if (subject.image == nullptr || digests_final(*subject.image)) {
    if (!subject.own) file_contact(event, subject, names);
    return;
  }
  when_hashed(subject, [this, event, subject,
                        names = std::vector<NameCandidate>(names.begin(), names.end())] {
    file_contact(event, subject, names);
  });
}

void HistoryFeed::file_contact(const ConnectEvent& event, const Subject& subject,
                               std::span<const NameCandidate> names) {
  const auto& by = subjects_.of(subject);
  const auto destination = to_value(seen_destination(event));
  auto seen = sighting_by(by, event.head);
  const auto flags = seen.flags;
  seen.kind = SeenKind::kDestination;
  seen.value = destination;
  seen.flags = flags | outcome_flag(event.result) |
               (event.protocol == IPPROTO_UDP || event.datagram ? bit(SeenFlag::kDatagram) : 0);
  auto raw = single("connect", by, event.head);
  set_endpoint(raw, event.remote);
  raw.protocol = event.protocol;
  raw.name = event.host;
  raw.result = result_text(event.result);
  raw.cookie = event.protocol == IPPROTO_TCP ? event.cookie : 0;
  auto pending = parts_.store.pending();
  pending->see(seen);
  seen.kind = SeenKind::kName;
  for (const auto& name : names) {
    const auto value = reversed_labels(name.name);
    seen.value = value;
    seen.flags =
        flags | bit(&name == &names.front() ? SeenFlag::kContacted : SeenFlag::kMaybeMeant);
    pending->see(seen);
  }
  pending->add(std::move(raw));
}

void HistoryFeed::on_contact_result(const ConnectResultEvent& event, const Subject& subject) {
  when_hashed(subject, [this, event, subject] {
    const auto& by = subjects_.of(subject);
    const auto destination =
        to_value(SeenDestination{event.remote.address, event.remote.port, IPPROTO_TCP});
    auto seen = sighting_by(by, event.head);
    seen.kind = SeenKind::kDestination;
    seen.value = destination;
    seen.flags |= outcome_flag(event.result);
    seen.count = 0;
    auto raw = single("connect-result", by, event.head);
    set_endpoint(raw, event.remote);
    raw.protocol = std::uint8_t{IPPROTO_TCP};
    raw.result = result_text(event.result);
    raw.cookie = event.cookie;
    auto pending = parts_.store.pending();
    pending->see(seen);
    pending->add_outcome(std::move(raw));
  });
}

void HistoryFeed::on_close(const CloseEvent& event, const Subject& subject) {
  when_hashed(subject, [this, event, subject] {
    auto raw = single("close", subjects_.of(subject), event.head);
    set_endpoint(raw, event.remote);
    raw.protocol = std::uint8_t{IPPROTO_TCP};
    raw.bytes_out = event.bytes_out;
    raw.bytes_in = event.bytes_in;
    raw.duration_ns = event.duration_ns;
    raw.cookie = event.cookie;
    parts_.store.pending()->add_outcome(std::move(raw));
  });
}

// ---- Names
// -----------------------------------------------------------------------------------------

void HistoryFeed::on_dns(const DnsEvent& event, const Subject& subject) {
  when_hashed(subject, [this, event, subject] { file_dns(event, subject); });
}

void HistoryFeed::file_dns(const DnsEvent& event, const Subject& subject) {
  if (event.qname.empty()) return;
  const auto& by = subjects_.of(subject);
  const bool answer = is_answer(event);
  const bool monitor = event.origin == DnsOrigin::kResolverMonitor;
  auto seen = sighting_by(by, event.head);
  seen.kind = SeenKind::kName;
  seen.flags |= bit(answer ? SeenFlag::kAnswered : SeenFlag::kAsked) |
                (monitor || by.resolver ? bit(SeenFlag::kByResolver) : 0);
  const auto name = reversed_labels(event.qname);
  seen.value = name;
  // The question was counted; of the monitor only answers are heard.
  seen.count = answer && !monitor ? 0 : 1;
  auto raw = single("dns", by, event.head);
  raw.value = event.qname;
  raw.result = event.rcode;
  auto pending = parts_.store.pending();
  pending->see(seen);
  for (const auto& record : event.answers) {
    if (record.type != "CNAME") continue;
    const auto alias = reversed_labels(record.data);
    seen.value = alias;
    seen.count = 1;
    pending->see(seen);
  }
  pending->add(std::move(raw));
}

void HistoryFeed::on_hello(const HelloEvent& event, const Subject& subject) {
  when_hashed(subject, [this, event, subject] {
    const auto& by = subjects_.of(subject);
    auto seen = sighting_by(by, event.head);
    seen.kind = SeenKind::kName;
    seen.flags |= hello_flag(event.kind);
    const auto name = reversed_labels(event.host);
    seen.value = name;
    auto raw = single(hello_name(event.kind), by, event.head);
    raw.value = event.host;
    raw.port = event.remote.port;
    auto pending = parts_.store.pending();
    if (!event.host.empty()) pending->see(seen);
    pending->add(std::move(raw));
  });
}

void HistoryFeed::on_loss(const LossEvent& event) {
  parts_.store.pending()->add_lost(event.time_ns, event.stage, event.count);
}

}  // namespace tocsin
