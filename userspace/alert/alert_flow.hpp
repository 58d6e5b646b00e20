// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>

#include "alert/alert.hpp"
#include "base/community_id.hpp"

namespace tocsin {

// Both ends of the connection the alert is about. nullopt: there is none, or its own end is not
// known, as of a contact that was announced before the kernel chose an address and a port for it.
std::optional<FlowTuple> flow_of(const Alert& alert);

}  // namespace tocsin
