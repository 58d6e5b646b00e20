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

// Each includes those before it. kRelay: what tocsin-relay needs beyond reading.
enum class Access : std::uint8_t { kNone, kRead, kRelay, kChange };

// User 0 changes; relay_uid is the relay; own_uid (the daemon's user) and members of group read.
Access access_of(const Peer& peer, std::optional<gid_t> group, uid_t own_uid,
                 std::optional<uid_t> relay_uid = std::nullopt);

}  // namespace tocsin::control
