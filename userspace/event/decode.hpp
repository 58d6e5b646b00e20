// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <span>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "event/event.hpp"

namespace tocsin {

// Turns the bytes of one wire event into an owned Event. bytes may be longer than the event (a ring
// record is) but never shorter than its header says. Every length is checked against bytes before
// it is used; nothing outside bytes is read and at most a small multiple of bytes is allocated.
// boot_epoch_ns is the wall time of boot: event times become wall times by it.
// Hostile bytes give an Error (kInvalidInput) that names the field.
Result<Event> decode(std::span<const std::byte> bytes, WallNs boot_epoch_ns);

}  // namespace tocsin
