// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

// Part of the library that every program links, for `tocsin doctor`: no client library is needed.
namespace tocsin::fleet {

// What a server says in its first line, before anything is encrypted: for warnings only.
// server: as in ConnectionOptions. kNotFound, kIo: nobody there, or no such line in time.
Result<std::string> ask_server_version(const std::string& server,
                                       std::chrono::milliseconds timeout);

// What is known to be wrong with a server of this version ("2.9.10"), for people; absent: nothing.
// CVE-2023-47090 (before 2.9.23), CVE-2025-30215 (before 2.10.27, and 2.11.0).
std::optional<std::string> holes_of(std::string_view version);

}  // namespace tocsin::fleet
