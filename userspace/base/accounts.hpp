// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace tocsin {

// Asks the host's name services, which may block: at the start only.
std::optional<gid_t> find_group(const std::string& name);
std::optional<uid_t> find_user(const std::string& name);

}  // namespace tocsin
