// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <nats/nats.h>

#include "fleet/connection.hpp"

namespace tocsin::fleet {

// A copy; raw stays the caller's.
Message to_message(natsMsg* raw);

}  // namespace tocsin::fleet
