// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.hpp"

namespace tocsin::control {

// Lets one more user connect to a socket whose owner and group do already, by an access control
// list: of path, mode 0660 as it is. An error where the file system keeps no such lists. The way of
// one user instead of a group, because a group would also open files to it.
Result<void> let_user_in(const std::string& path, uid_t user);

}  // namespace tocsin::control
