// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/byte_writer.hpp"

// Servers on loopback that only listen to what a real client says first. "PORT" in the arguments
// becomes the server's port. A failure of the machinery throws.
namespace tocsin::test {

// What came on the first connection, read by read, until enough says so or the client is silent.
std::vector<Bytes> said_by_tcp_client(std::vector<std::string> argv,
                                      const std::function<bool(const Bytes& all)>& enough);
// The same for datagrams. answer, when given, is sent back for each.
std::vector<Bytes> said_by_udp_client(
    std::vector<std::string> argv, std::size_t datagrams,
    const std::function<std::optional<Bytes>(const Bytes&)>& answer = {});

}  // namespace tocsin::test
