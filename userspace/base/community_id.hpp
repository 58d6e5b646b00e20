// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

#include "base/ip_address.hpp"

namespace tocsin {

// One direction of a TCP or UDP flow. Both directions have the same community id.
struct FlowTuple {
  IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP
};

// Community ID version 1 with seed 0, as Zeek and Suricata write it ("1:LQU9qZlK…"); method:
// github.com/corelight/community-id-spec. Empty when the two addresses are not of one family or the
// protocol has no ports.
std::string community_id(const FlowTuple& flow);

}  // namespace tocsin
