// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/process_id.hpp"

namespace tocsin {

// How a name for an address was learned. What the process in question did itself goes first; then
// in this order.
enum class NameSource : std::uint8_t {
  kOwnDns,           // the process asked for the name and got this address
  kTlsSni,           // the name said in a TLS hello to this address
  kQuicSni,          // the same in a QUIC Initial
  kHttpHost,         // the Host of an HTTP request to this address
  kOtherDns,         // another process of the same network asked and got this address
  kResolverMonitor,  // systemd-resolved told its monitor; it does not tell who asked
  kActiveLookup      // tocsin's relay asked, about an indicator name only
};

// "own-dns", "tls-sni", …: the word in event lines and alerts.
std::string_view to_string(NameSource source);

// One name an address may have been contacted by.
struct NameCandidate {
  std::string name;
  NameSource source = NameSource::kOtherDns;
  bool own = false;      // learned_by is the process in question
  ProcessId learned_by;  // who asked or said it; unknown for monitor and lookup
  WallNs learned_ns = 0;
  std::uint64_t age_ns = 0;            // at the moment in question
  std::optional<std::uint32_t> ttl_s;  // DNS only
  bool stale = false;                  // older than its TTL allows
  std::vector<std::string> chain;      // CNAMEs between the name and the address
  std::uint64_t sharing = 1;           // names this address has had in this network
};

}  // namespace tocsin
