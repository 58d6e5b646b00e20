// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "base/fd.hpp"
#include "canary/action.hpp"

// The canary's sockets: loopback, never waiting longer than kWaitMs for anything.
namespace tocsin::canary {

inline constexpr int kWaitMs = 500;

sockaddr_in address_of(const CanaryEndpoint& endpoint);
// Bound there, streams listening; none, with errno, when that fails.
Fd listen_at(const CanaryEndpoint& endpoint, int type);
Fd open_socket(int type);
// True when the connection came about.
bool connect_to(const Fd& socket, const CanaryEndpoint& endpoint);
// Writes a question for NONCE.dns.alarm.tocsin.test into out; its size.
std::size_t write_question(std::string_view nonce, std::span<std::uint8_t> out);
// Turns the question into its answer: the one address, for a second. The size; 0: no room.
std::size_t answer_question(std::span<std::uint8_t> message, std::size_t question_size,
                            std::uint32_t address);
bool wait_readable(const Fd& socket);

// A network namespace of its own, in which nobody is disturbed and port 53 is free; loopback is up.
// Null, or what failed (errno says why).
const char* enter_own_network();

}  // namespace tocsin::canary
