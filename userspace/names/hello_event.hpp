// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "event/name_event.hpp"
#include "names/client_hello.hpp"
#include "names/ja4.hpp"

namespace tocsin {

// Who said it and to whom: the first packet of the flow that is known.
HelloEvent hello_of(const PacketEvent& packet);
// Adds what a ClientHello says. cut: its end was not seen, so there is no fingerprint of it.
void describe(HelloEvent& event, const ClientHello& hello, bool cut);

}  // namespace tocsin
