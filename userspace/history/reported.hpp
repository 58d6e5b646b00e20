// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <vector>

#include "alert/alert.hpp"
#include "history/record.hpp"

namespace tocsin {

// The sightings that an alert is about, one for each indicator that matched.
std::vector<Reported> reported_of(const Alert& alert);

// How a contact stands in seen: a datagram to a port that clients use has port 0, for a server that
// answers by datagrams would fill the table with its clients' ports.
SeenDestination seen_destination(const ConnectEvent& contact);

}  // namespace tocsin
