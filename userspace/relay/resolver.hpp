// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "names/unwatched.hpp"

struct ares_channeldata;
struct ares_addrinfo;

namespace tocsin::relay {

// Asks the name servers for the addresses of indicator names, again and again as their TTL says.
// Slowly and unevenly on purpose: nobody should see a host recite a list. Loop's thread only.
class Resolver {
 public:
  struct Options {
    std::vector<std::string> servers;  // "192.0.2.53", "[2001:db8::53]:5353"; empty: resolv.conf's
    double per_second = 5;
    std::uint64_t floor_s = 300, ceiling_s = 86'400;  // between two questions for one name
  };
  struct Answer {
    std::string domain;
    std::vector<IpAddress> addresses;  // fit to be watched
    std::uint32_t ttl_s = 0;
    std::string server;  // who was asked
  };
  struct Counters {
    std::uint64_t names = 0;     // that are asked for, now
    std::uint64_t left_out = 0;  // over kResolvedNamesMax, or reserved names, now
    std::uint64_t asked = 0, answered = 0, none = 0, failed = 0;
    UnwatchedCounts dropped{};  // addresses left out of answers
  };
  struct Callbacks {
    IsSinkhole is_sinkhole;
    std::function<void(Answer)> on_answer;  // only with at least one address
  };

  // kInvalidInput for a server that is no address.
  static Result<std::unique_ptr<Resolver>> start(EventLoop& loop, const Clock& clock,
                                                 Options options, Callbacks callbacks);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // From now on these and no others. Names that stay keep their time.
  void set_names(const std::vector<std::string>& names);
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Name {
    BootNs due_ns = 0;
    std::uint32_t failures = 0;
    bool in_flight = false;
    bool wanted = true;
  };
  struct Due {
    BootNs at = 0;
    std::string domain;
    friend bool operator>(const Due& a, const Due& b) { return a.at > b.at; }
  };
  struct Question;  // what c-ares hands back

  Resolver(const Clock& clock, Options options, Callbacks callbacks);
  Result<void> open(EventLoop& loop);
  void on_socket(int socket, bool readable, bool writable);
  void tick();
  void ask(const std::string& domain);
  void on_result(const std::string& domain, int status, const ares_addrinfo* result);
  void take(const std::string& domain, const ares_addrinfo& result);
  void schedule(const std::string& domain, Name& name, std::uint64_t wait_s);

  const Clock& clock_;
  Options options_;
  Callbacks callbacks_;
  Counters counters_;
  std::string servers_text_;
  EventLoop* loop_ = nullptr;
  ares_channeldata* channel_ = nullptr;
  std::map<int, EventLoop::Source> sockets_;
  std::unordered_map<std::string, Name> names_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::minstd_rand random_{std::random_device{}()};
  double tokens_ = 1;
  BootNs last_tick_ns_ = 0;
  std::size_t in_flight_ = 0;
  bool closing_ = false;
  EventLoop::Source timer_;
};

// Names that no public server knows: asking for them would only tell on us.
bool is_reserved_name(std::string_view name);

}  // namespace tocsin::relay
