// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/name_event.hpp"
#include "support/byte_writer.hpp"

// Packets that carry names, written by hand: for what real clients do not send.
namespace tocsin::test {

// A name in wire form, no compression; "" is the root.
Bytes dns_name(std::string_view dotted);

class DnsBuilder {
 public:
  explicit DnsBuilder(std::string_view qname, std::uint16_t qtype = 1, bool response = true);
  // Owner: a pointer to the question's name.
  DnsBuilder& answer(std::uint16_t type, std::span<const std::byte> data, std::uint32_t ttl = 300);
  DnsBuilder& answer_of(std::span<const std::byte> owner, std::uint16_t type,
                        std::span<const std::byte> data);
  DnsBuilder& opt(std::uint16_t payload, std::uint8_t upper_rcode);
  DnsBuilder& flags(std::uint16_t set);
  [[nodiscard]] Bytes bytes() const;

 private:
  std::uint16_t flags_;
  std::uint16_t answers_ = 0, additionals_ = 0;
  ByteWriter body_;
};

struct HelloOptions {
  std::string host = "www.example.com";  // empty: no server_name
  std::vector<std::string> alpn = {"h2", "http/1.1"};
  bool ech = false;
  bool grease = false;
  std::size_t padding = 0;  // bytes of a padding extension; 0: none
};
// The handshake message, without records.
Bytes client_hello(const HelloOptions& options);
// Handshake bytes in TLS records of at most record_size bytes.
Bytes tls_records(std::span<const std::byte> handshake, std::size_t record_size = 16'384);

// An outgoing packet of 10.0.0.1:40000 to 192.0.2.1, all of it captured.
PacketEvent packet(PacketKind kind, std::span<const std::byte> payload, std::uint32_t seq = 1000,
                   bool first = true);

}  // namespace tocsin::test
