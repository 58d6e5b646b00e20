// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include "event/name_event.hpp"
#include "names/name_candidate.hpp"

namespace tocsin::test {

// Fixed values, so that texts can be compared. 192.0.2.0/24 and example names are reserved for
// documentation (RFC 5737, RFC 2606).
inline constexpr WallNs kEventTime = 1'764'072'000'123'456'789;

inline NameCandidate sample_name(const std::string& name, NameSource source) {
  NameCandidate out;
  out.name = name;
  out.source = source;
  out.own = source == NameSource::kOwnDns;
  out.learned_by = {977, 977'000'000'000};
  out.learned_ns = kEventTime - 3 * kNsPerSecond;
  out.age_ns = 3 * kNsPerSecond;
  out.ttl_s = 300;
  out.chain = {"edge.cdn.example"};
  out.sharing = 2;
  return out;
}

inline DnsEvent sample_dns() {
  DnsEvent dns;
  dns.qname = "www.evil.example";
  dns.qtype = "A";
  dns.protocol = 17;
  dns.server = {*IpAddress::parse("192.0.2.53"), 53};
  dns.client = {*IpAddress::parse("198.51.100.4"), 40053};
  return dns;
}

inline HelloEvent sample_hello() {
  HelloEvent hello;
  hello.remote = {*IpAddress::parse("192.0.2.7"), 443};
  hello.local = {*IpAddress::parse("198.51.100.4"), 50443};
  hello.host = "evil.example";
  hello.ja4 = "t13d1516h2_8daaf6152771_02713d6af862";
  hello.alpn = {"h2", "http/1.1"};
  return hello;
}

}  // namespace tocsin::test
