// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

// Part of the library that every program links, for `tocsin doctor`: no client library is needed.
namespace tocsin::fleet {

// Beside each certificate that "tocsin fleet enroll" makes: the names of the brokers, one a line,
// so that who has the certificate knows where to go. fleet.servers goes before it.
inline constexpr const char* kBrokersFile = "brokers";
inline constexpr const char* kFleetFolder = "/etc/tocsin/fleet";

// The names in folder/brokers; none when there is no such file or nothing that can be used in it.
std::vector<std::string> enrolled_brokers(const std::string& folder);

// configured, and where that is empty those beside the certificate of this host.
std::vector<std::string> brokers_of_host(const std::vector<std::string>& configured);

}  // namespace tocsin::fleet
