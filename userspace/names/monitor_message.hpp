// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "event/name_event.hpp"

namespace tocsin {

// The question to systemd-resolved's monitor socket, in Varlink, with its final NUL.
std::string_view monitor_subscription();

// One reply of io.systemd.Resolve.Monitor.SubscribeQueryResults (systemd 252 and newer), without
// its NUL: a finished look-up as a DnsEvent whose process is unknown, because the monitor does not
// tell it; nullopt for a reply that tells no look-up. TTLs come from the raw records, from which
// resolved has taken what its cache has aged. An error says what is wrong with the text.
Result<std::optional<DnsEvent>> read_monitor_reply(std::string_view json, WallNs now);

}  // namespace tocsin
