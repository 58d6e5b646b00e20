// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "event/name_event.hpp"
#include "names/name_candidate.hpp"

namespace tocsin {

// Which names an address was contacted or answered by, per network namespace: the same private
// address is another host elsewhere. Times are those of the events. State thread only.
//
// A DNS name is fresh for its TTL and a little longer (kNameGraceNs: clients connect late), then
// stale until kNameKeptNs, since long-running programs resolve once and connect for days. Names
// said in a hello are fresh for kHelloFreshNs.
class NameCache {
 public:
  struct Options {
    std::size_t addresses_max = limits::kNamedAddressesMax;
    std::size_t bytes_max = limits::kNameCacheBytesMax;
  };
  struct Counters {
    std::uint64_t addresses = 0, names = 0, bytes = 0;  // now
    std::uint64_t learned = 0;                          // new name for an address
    std::uint64_t refreshed = 0;
    std::uint64_t evicted_addresses = 0;  // at a limit: the longest unused goes
    std::uint64_t evicted_names = 0;      // at kNamesPerAddressMax: the longest unheard goes
  };
  struct Question {
    std::uint32_t net_ns = 0;
    IpAddress address;
    ProcessId process;  // who is about to contact it
    WallNs at_ns = 0;
  };

  NameCache() = default;
  explicit NameCache(Options options) : options_(options) {}

  // Questions and failures teach nothing. ours: tocsin's relay asked for it.
  void learn(const DnsEvent& answer, bool ours = false);
  void learn(const HelloEvent& hello);
  // Best first: fresh before stale, then by source, then the latest.
  std::vector<NameCandidate> candidates(const Question& question);
  // The latest name that an address had in an answer to somebody here, other than tocsin's relay, a
  // day ago at most. Names said in a hello are left out: any program can say any. Does not count as
  // a use.
  [[nodiscard]] std::optional<NameCandidate> asked_name(std::uint32_t net_ns,
                                                        const IpAddress& address, WallNs at) const;
  using TakeAsked =
      std::function<void(std::uint32_t net_ns, const IpAddress& address, const NameCandidate&)>;
  // The same of every address that has one.
  void for_each_asked(WallNs at, const TakeAsked& take) const;
  void expire(WallNs now);

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Key {
    std::uint32_t net_ns;
    IpAddress address;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  // One process that learned a name, and when.
  struct Learner {
    ProcessId process;
    WallNs at_ns;
    WallNs fresh_until_ns;
    std::uint32_t ttl_s;
    bool ours = false;  // tocsin's relay asked
  };
  struct Record {
    std::string name;
    NameSource source;  // kOtherDns stands for every DNS answer
    std::vector<std::string> chain;
    std::vector<Learner> learners;  // latest last, at most kNameLearnersMax
  };
  struct Entry {
    std::vector<Record> records;
    std::uint64_t forgotten = 0;  // names dropped at the limit
    std::list<Key>::iterator use;
  };
  struct Lesson {
    std::uint32_t net_ns;
    NameSource source;
    const std::string& name;
    std::vector<std::string> chain;
    Learner learner;
  };

  void add(const IpAddress& address, Lesson lesson);
  Entry& entry_of(const Key& key);
  Record& make_room(Entry& entry);
  void evict_one();
  void drop(std::unordered_map<Key, Entry, KeyHash>::iterator it);
  static std::size_t size_of(const Record& record);
  static std::optional<NameCandidate> latest_asked(const Entry& entry, WallNs at);
  static NameCandidate candidate(const Record& record, const Question& question);
  static NameCandidate candidate(const Record& record, const Learner& learner, WallNs at);

  Options options_;
  Counters counters_;
  std::unordered_map<Key, Entry, KeyHash> entries_;
  std::list<Key> uses_;  // longest unused first
};

}  // namespace tocsin
