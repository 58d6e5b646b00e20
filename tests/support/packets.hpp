// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "event/event.hpp"
#include "support/capture_watch.hpp"

// Packet events, and what an independent parser (ldns) makes of their bytes.
namespace tocsin::test {

struct DnsMessage {
  bool response = false;
  bool truncated = false;
  unsigned id = 0;
  std::string question{};              // "name.example." as ldns prints it
  std::string type{};                  // "A", "AAAA", …
  std::vector<std::string> answers{};  // data of each record
};

// Absent: no whole DNS message. stream: two bytes of length stand before it.
std::optional<DnsMessage> parse_dns(std::span<const std::byte> bytes, bool stream = false);

// All packet events of the kind so far that this process sent or got; in the ring's order.
std::vector<PacketEvent> packets_of(const CaptureWatch& watch, PacketKind kind, pid_t pid);
// The bytes of one direction of a TCP connection, put together by sequence number; empty when a
// piece is missing at the front.
std::vector<std::byte> stream_of(const std::vector<PacketEvent>& packets, bool outgoing);
bool contains(std::span<const std::byte> bytes, std::string_view text);

}  // namespace tocsin::test
