// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "control/backend.hpp"
#include "daemon/alert_desk.hpp"
#include "history/stored_alerts.hpp"

namespace tocsin {

// Alerts of the file that are told before those in memory.
struct StoredPart {
  StoredAlerts file;
  std::int64_t after_seq = 0;
};

// Where in the desk's memory the alerts behind this one begin; nullopt: it is not there.
std::optional<std::uint64_t> position_after(const AlertDesk& desk, std::string_view id);

// Alerts that pass, each once, oldest first: read from the file a bounded page at a time, then what
// desk, which must outlive the source, has and the file has not told. With filter.after stored must
// begin behind that one, or be nullopt where only the desk has it; a page of the file that cannot
// be read is then an error, never kNotFound, as the asker would go on behind what it had not.
// Without, memory's alerts are worth more than none.
control::ItemSource alert_items(std::optional<StoredPart> stored,
                                const control::AlertFilter& filter, const AlertDesk& desk);

}  // namespace tocsin
