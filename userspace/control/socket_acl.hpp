// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <span>
#include <string>

#include "base/result.hpp"

namespace tocsin::control {

// Lets these users connect, too, to a socket whose owner and group do already (mode 0660), by an
// access control list of its path. An error where the file system keeps no such lists. Users
// instead of a group, because a group would also open files to them.
Result<void> let_users_in(const std::string& path, std::span<const uid_t> users);

}  // namespace tocsin::control
