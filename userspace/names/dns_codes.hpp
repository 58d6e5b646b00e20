// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

// Numbers of the DNS that names need, and the mnemonics of the IANA registry for all common ones.
namespace tocsin::dns {

inline constexpr std::uint16_t kTypeA = 1;
inline constexpr std::uint16_t kTypeNs = 2;
inline constexpr std::uint16_t kTypeCname = 5;
inline constexpr std::uint16_t kTypePtr = 12;
inline constexpr std::uint16_t kTypeAaaa = 28;
inline constexpr std::uint16_t kTypeDname = 39;
inline constexpr std::uint16_t kTypeOpt = 41;
inline constexpr std::uint16_t kTypeSvcb = 64;
inline constexpr std::uint16_t kTypeHttps = 65;
inline constexpr std::uint16_t kClassIn = 1;
inline constexpr std::uint16_t kPort = 53;

// "A", "HTTPS"; a type without a mnemonic here is "TYPE1234" (RFC 3597).
std::string type_name(std::uint16_t type);
// "NOERROR", "NXDOMAIN"; "RCODE77". Extended codes need the upper bits from OPT.
std::string rcode_name(std::uint16_t rcode);

}  // namespace tocsin::dns
