// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <set>
#include <string_view>

#include "base/ip_address.hpp"

namespace tocsin {

// The host's own addresses, from the network namespace of its first process: the daemon's unit has
// one of its own. At most kHostAddressesMax, loopback among them; empty: they cannot be read.
std::set<IpAddress> host_addresses(const std::filesystem::path& net = "/proc/1/net");

// Local addresses as the kernel prints its IPv4 routes (/proc/PID/net/fib_trie) and its IPv6
// addresses (if_inet6). Lines that are neither are left out.
std::set<IpAddress> parse_fib_trie(std::string_view text);
std::set<IpAddress> parse_if_inet6(std::string_view text);

// The name servers of /etc/resolv.conf and, behind a local stub, of systemd-resolved.
std::set<IpAddress> name_servers(const std::filesystem::path& etc = "/etc",
                                 const std::filesystem::path& run = "/run");

}  // namespace tocsin
