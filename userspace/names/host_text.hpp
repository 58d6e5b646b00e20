// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/byte_reader.hpp"

// One text for one name, wherever it was seen: lower case, no final dot, every byte that is not a
// visible ASCII character as \DDD. A dot always separates labels: one inside a label is \046, and a
// backslash is \092, so a name cannot pose as a subdomain of another.
namespace tocsin {

// Longest name on the wire, RFC 1035 section 2.3.4.
inline constexpr std::size_t kNameBytesMax = 255;

// Most characters of a name's text: every byte as \DDD.
inline constexpr std::size_t kNameTextMax = 4 * kNameBytesMax;

// Writes one label of at most 63 bytes at `to`, which has room for four times as many characters;
// returns the end of what was written.
char* write_label(char* to, ByteSpan label);

// A host as TLS or HTTP writes it, dots between labels. Empty when it is longer than a name can be.
std::string canonical_host(std::string_view raw);

}  // namespace tocsin
