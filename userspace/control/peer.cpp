// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/peer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

// Older C library headers lack the name; the number is the kernel's (asm-generic/socket.h, 4.13).
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

namespace tocsin::control {
namespace {

constexpr std::size_t kGroupsMax = 65'536;  // NGROUPS_MAX of the kernel

}  // namespace

Result<Peer> peer_of(int socket_fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return fail_errno("reading the peer's credentials", errno);
  Peer peer{credentials.pid, credentials.uid, credentials.gid, std::vector<gid_t>(32)};
  for (;;) {
    size = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
    if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &size) == 0) break;
    // ERANGE tells the size that is needed.
    if (errno != ERANGE || size > kGroupsMax * sizeof(gid_t))
      return fail_errno("reading the peer's groups", errno);
    peer.groups.resize(size / sizeof(gid_t));
  }
  peer.groups.resize(size / sizeof(gid_t));
  return peer;
}

Access access_of(const Peer& peer, const Accounts& accounts) {
  const auto& group = accounts.group;
  if (peer.uid == 0) return Access::kChange;
  if (peer.uid == accounts.relay_uid) return Access::kRelay;
  if (peer.uid == accounts.fleet_uid) return Access::kFleet;
  if (peer.uid == accounts.own_uid) return Access::kRead;
  if (group && (peer.gid == *group || std::ranges::find(peer.groups, *group) != peer.groups.end()))
    return Access::kRead;
  return Access::kNone;
}

}  // namespace tocsin::control
