// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "fleet/connection.hpp"

namespace tocsin::fleet {

// Publishes one message and waits until its stream has it. Any thread; blocks for seconds at most.
// kIo, kNotFound: no stream took it in time; kInternal: the broker refused it.
Result<void> store(Connection& connection, const std::string& subject, std::string_view data);

}  // namespace tocsin::fleet
