// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_reader.hpp"

namespace tocsin {

// What a TLS client says in the open (RFC 8446 section 4.1.2): names, and all that JA4 needs. Lists
// are in the order sent, GREASE values (RFC 8701) included.
struct ClientHello {
  std::uint16_t legacy_version = 0;
  std::vector<std::uint16_t> ciphers, extensions;
  std::vector<std::uint16_t> supported_versions, signature_algorithms;
  std::vector<std::string> alpn;  // raw bytes
  bool has_server_name = false;   // the extension was there
  std::string host;               // as host_text.hpp says; empty: none, or longer than a name
  // The encrypted_client_hello extension was there: host may be the outer, public name. Clients
  // send it as GREASE, too, and then host is the one meant; from outside both look alike.
  bool encrypted_name = false;
};

enum class ParseState : std::uint8_t {
  kNeedMore,   // right so far; the value holds what could be read
  kOther,      // another protocol
  kMalformed,  // the protocol for sure, but it contradicts itself
  kFound,
};

struct ClientHelloParse {
  ParseState state = ParseState::kNeedMore;
  bool cut = false;  // kFound: longer than limits::kClientHelloBytesMax, the rest was not read
  ClientHello hello;
};

// The first bytes of a TLS stream: records, over which the message may be split anywhere.
ClientHelloParse parse_client_hello(ByteSpan stream);
// The first bytes of a handshake stream without records, as QUIC carries it in CRYPTO frames.
ClientHelloParse parse_client_hello_message(ByteSpan handshake);

// Reserved to keep servers tolerant; says nothing (RFC 8701).
constexpr bool is_grease(std::uint16_t value) {
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

}  // namespace tocsin
