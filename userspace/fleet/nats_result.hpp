// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <nats/nats.h>

#include <string_view>

#include "base/result.hpp"

namespace tocsin::fleet {

// The name that every server certificate must carry as a subjectAltName, whatever address the
// server is reached by: servers move, and a host's own certificate carries none.
inline constexpr const char* kServerName = "server.tocsin-fleet";

// "doing: what the library says", with the code that fits. kLimit is the message's own fault, for
// good; kBusy and kIo pass.
std::unexpected<Error> nats_fail(std::string_view doing, natsStatus status);
Result<void> nats_result(std::string_view doing, natsStatus status);

}  // namespace tocsin::fleet
