// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip_address.hpp"
#include "history/contacts.hpp"

namespace tocsin {

// As the destination of a question: wherever the program went.
inline constexpr std::string_view kAnyDestination = "*";

// Adds the single contacts out of the files of days, latest day first, for kContactsSearchNs at
// most. A day's file that is gone or cannot be read has none. Returns the addresses they went to.
std::set<IpAddress> add_contacts(const std::filesystem::path& folder,
                                 const ContactQuestion& question, ContactReport& report);

}  // namespace tocsin
