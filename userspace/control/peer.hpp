// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"

namespace tocsin::control {

// Who connected, as the kernel noted it at connect(2): later changes of the peer do not count.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary
};

Result<Peer> peer_of(int socket_fd);

// Each includes those before it. kFleet: what tocsin-fleet needs beyond reading, to bring sets;
// kRelay: what tocsin-relay needs.
enum class Access : std::uint8_t { kNone, kRead, kFleet, kRelay, kChange };

// Who is more than a stranger; what is not there is nobody.
struct Accounts {
  std::optional<gid_t> group = {};  // its members read
  uid_t own_uid = 0;                // the daemon's user reads
  std::optional<uid_t> relay_uid = {};
  std::optional<uid_t> fleet_uid = {};
};
// User 0 changes; else the most that one of the accounts gives.
Access access_of(const Peer& peer, const Accounts& accounts);

}  // namespace tocsin::control
