// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/byte_reader.hpp"
#include "event/name_event.hpp"

namespace tocsin {

// Why a message gave no name.
enum class DnsFault : std::uint8_t {
  kShort,       // not even a header, or the question's end was not captured
  kNotQuery,    // an opcode other than QUERY: its sections mean something else
  kNoQuestion,  // as zone transfers and refusals have it
  kBadName,     // the question's name: a pointer that does not go backwards, a reserved label
                // type, more than 255 bytes
};

// A DNS message as far as names need it (RFC 1035, 6891, 9460).
struct DnsMessage {
  std::uint16_t id = 0;
  bool response = false;
  bool truncated = false;       // TC
  std::uint16_t rcode = 0;      // with the extended bits of OPT
  std::uint16_t questions = 0;  // as the header counts them; only the first is read
  std::string qname;            // as host_text.hpp says; "." is the root
  std::uint16_t qtype = 0, qclass = 0;
  // Data is filled for A, AAAA, CNAME, DNAME, NS, PTR, SVCB and HTTPS of class IN.
  std::vector<DnsAnswer> answers;
  std::uint16_t edns_payload = 0;  // 0: no OPT record was seen
  bool cut = false;                // records are missing: not captured, or beyond a limit
  bool malformed = false;          // answers stop at a record that contradicts its own length
};

// bytes may be a prefix of a message of `length` bytes on the wire. What stands before the first
// fault in the answers is kept: a question counts even when its answer is damaged.
std::expected<DnsMessage, DnsFault> parse_dns_message(ByteSpan bytes, std::size_t length);
inline std::expected<DnsMessage, DnsFault> parse_dns_message(ByteSpan bytes) {
  return parse_dns_message(bytes, bytes.size());
}

const char* to_string(DnsFault fault);

}  // namespace tocsin
