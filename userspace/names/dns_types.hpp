// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

namespace tocsin {

// Mnemonics of the IANA registry for what a host sees; others as RFC 3597 has it: "TYPE65534",
// "RCODE42".
std::string dns_type_name(std::uint16_t type);
std::string dns_rcode_name(std::uint16_t rcode);

}  // namespace tocsin
