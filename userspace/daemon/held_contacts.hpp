// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "beacon/contact.hpp"
#include "daemon/observer.hpp"

namespace tocsin {

// One connection: by socket cookie, in replays of lines by process and far end.
struct ConnectionId {
  std::uint64_t cookie = 0;
  ProcessId process;
  Endpoint remote;
  friend bool operator==(const ConnectionId&, const ConnectionId&) = default;
};
struct ConnectionIdHash {
  std::size_t operator()(const ConnectionId& id) const;
};
ConnectionId connection_id(std::uint64_t cookie, ProcessId process, const Endpoint& remote);

// A contact, or a question, on its way to the beacon table.
struct HeldContact {
  Subject subject;
  ContactKind kind = ContactKind::kConnect;
  ConnectEvent connect;  // kDns: head and net_ns only
  std::string name;      // kDns: the registrable domain
  std::string question;  // kDns: the name asked for
  bool failed = false;
  std::optional<Evidence> indicator;
  std::vector<NameCandidate> names;  // kConnect: the best that led to it, none or one
  std::optional<std::uint64_t> bytes_out, duration_ns;  // it ended already
  bool counts = true;                                   // false: something else stands for it
  bool name_said_only = false;  // connect.host is what a hello said, no answer led there

  [[nodiscard]] WallNs time_ns() const { return connect.head.time_ns; }
  [[nodiscard]] ConnectionId id() const {
    return connection_id(connect.cookie, connect.head.process, connect.remote);
  }
};

// Contacts that wait: for the digest of their program, for the name that a hello will say, and to
// see whether a question is followed by a connect, or a connect to port 53 by a question. What
// stands for the same thing counts once. Full: the oldest is released as it is, counted. State
// thread.
class HeldContacts {
 public:
  using Release = std::function<void(const HeldContact&)>;
  struct Counters {
    std::uint64_t waiting = 0;     // now
    std::uint64_t overflowed = 0;  // released early for room
    std::uint64_t followed = 0;    // questions that a connect stands for
    std::uint64_t asking = 0;      // connects to a name server that a question stands for
    std::uint64_t unhashed = 0;    // released before the digest came
  };

  explicit HeldContacts(Release release) : release_(std::move(release)) {}

  // Releases it at once when it has nothing to wait for.
  void add(HeldContact contact);
  // A question by a process; false when one for the same name waits already: it is its answer, or a
  // resolver passes it on.
  bool on_question(const HeldContact& question, const Endpoint& server);
  // Somebody contacts this registrable domain: what they asked for it, or a resolver for them, has
  // led to that. What others asked stays a question.
  void on_followed(const std::string& domain, const Subject& by);
  // Whether on_followed() may find any.
  [[nodiscard]] bool holds_questions() const { return !unfollowed_.empty(); }
  // A hello told what the far end is called.
  void on_name(const ConnectionId& id, const std::string& host);
  // Something follows below these processes: their contacts and questions
  // wait for nothing but digests any longer.
  void hurry(std::span<const ProcessId> processes);
  // Null when none waits; valid until the next call.
  HeldContact* find(const ConnectionId& id);

  // Releases what waited long enough or for nothing more, in the order of arrival.
  void tick(WallNs now);
  void flush();

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Item;
  using Items = std::list<Item>;
  // Iterators of these stay valid; what no longer counts is taken out.
  using ByDomain = std::multimap<std::string, Items::iterator>;
  using ByProcess = std::unordered_map<ProcessId, std::list<Items::iterator>, ProcessIdHash>;
  struct Item {
    HeldContact contact;
    std::optional<ByDomain::iterator> of_domain;
    std::optional<std::list<Items::iterator>::iterator> of_process;
  };
  void take(Items::iterator it);
  void no_longer_asks(Items::iterator it);
  [[nodiscard]] bool waits_for_digest(const HeldContact& contact) const;
  [[nodiscard]] static bool waits_for_more(const HeldContact& contact);

  Release release_;
  Items items_;
  std::unordered_map<ConnectionId, Items::iterator, ConnectionIdHash> connects_;
  std::unordered_map<std::string, Items::iterator> questions_;  // by the name asked for
  ByDomain unfollowed_;                                         // questions that count still
  ByProcess asking_;  // contacts of name servers that count still
  Counters counters_;
};

}  // namespace tocsin
