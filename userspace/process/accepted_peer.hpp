// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/process_id.hpp"
#include "event/event_head.hpp"

namespace tocsin {

// The other end of the connection that a network login program serves: of the established TCP
// connections that it accepted (somebody still listens at their port, so it did not make them
// itself) the one with the lowest descriptor, because it was there before any the user could make
// it open. Reads /proc and may take long on a host with many connections: any thread but the
// state thread. nullopt: it has none, it is gone or another process has its number, or it may not
// be read (needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH).
std::optional<Endpoint> accepted_peer(ProcessId process);

// One line of /proc/PID/net/tcp or tcp6.
struct TcpLine {
  Endpoint local, remote;
  std::uint32_t state = 0;
  std::uint64_t inode = 0;
};
// nullopt for the heading, and for anything else that is none.
std::optional<TcpLine> parse_tcp_line(std::string_view line);

}  // namespace tocsin
