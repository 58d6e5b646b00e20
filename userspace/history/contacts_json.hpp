// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <nlohmann/json.hpp>

#include "history/contacts.hpp"

namespace tocsin {

// The answer of `contacts`: docs/control-protocol.md.
nlohmann::json to_json(const ContactReport& report);

}  // namespace tocsin
