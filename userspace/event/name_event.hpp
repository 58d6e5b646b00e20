// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "event/event_head.hpp"

// Events that give destinations their names.
namespace tocsin {

// Which way to a name a packet may hold.
enum class PacketKind : std::uint8_t { kDnsUdp, kDnsTcp, kTcpStart, kQuic };

// Payload of one packet that may carry a name, before anybody parsed it; names/ turns it into
// DnsEvents and HelloEvents. From the kernel or from a capture file.
struct PacketEvent {
  EventHead head;  // owner of the socket; process {0, 0}: unknown
  PacketKind kind = PacketKind::kDnsUdp;
  bool outgoing = true;      // sent by local
  std::uint64_t cookie = 0;  // socket; 0: unknown
  std::uint32_t net_ns = 0;  // 0: unknown
  Endpoint local, remote;
  std::uint32_t tcp_seq = 0;       // TCP kinds: sequence number of the first payload byte
  bool tcp_first = false;          // the payload is the first of this direction
  std::uint32_t length = 0;        // payload bytes on the wire; more than payload holds: cut
  std::vector<std::byte> payload;  // of TCP or UDP
};

struct DnsAnswer {
  std::string type, data;  // data in presentation format: "192.0.2.1", "name.example"
  std::uint32_t ttl_s = 0;
  std::string owner =
      {};  // name the record belongs to; differs from qname behind a CNAME; may be empty
  std::vector<IpAddress> hints = {};  // HTTPS and SVCB: ipv4hint, ipv6hint
};

enum class DnsOrigin : std::uint8_t { kPacket, kResolverMonitor };

struct DnsEvent {
  EventHead head;
  DnsOrigin origin = DnsOrigin::kPacket;
  std::string qname, qtype;  // lower case, no final dot; odd bytes as \DDD
  std::string rcode;         // empty: a question
  std::vector<DnsAnswer> answers;
  std::optional<bool> response;  // unknown in replayed lines that do not say it
  std::uint16_t id = 0;
  bool truncated = false;     // TC: the whole answer comes by TCP
  bool cut = false;           // records behind what was captured or parsed are missing
  std::uint8_t protocol = 0;  // IPPROTO_UDP, IPPROTO_TCP; 0 unknown
  Endpoint server;
  std::uint64_t cookie = 0;
  std::uint32_t net_ns = 0;
  Endpoint client = {};  // from packets; port 0: unknown
};

inline bool is_answer(const DnsEvent& event) {
  return event.response.value_or(!event.rcode.empty() || !event.answers.empty());
}

enum class HelloKind : std::uint8_t { kTls, kQuic, kHttp };

struct HelloEvent {  // a name a client said in the open: TLS or QUIC SNI, HTTP Host
  EventHead head;
  HelloKind kind = HelloKind::kTls;
  Endpoint remote;
  std::string host;             // lower case, no port; empty: none was said
  bool encrypted_name = false;  // ECH: host is the outer, public name, not the one meant
  bool cut = false;             // the hello was not seen to its end
  std::string ja4;              // TLS and QUIC
  std::vector<std::string> alpn;
  std::uint64_t cookie = 0;
  std::uint32_t net_ns = 0;
  Endpoint local = {};  // port 0: unknown
};

}  // namespace tocsin
