// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

std::string to_hex(std::span<const std::uint8_t> bytes);
// Fills all of out or fails; text must be exactly 2 * out.size() hex digits of either case.
bool from_hex(std::string_view text, std::span<std::uint8_t> out);

std::string_view trim(std::string_view text);
// ASCII only: names and digests are ASCII by the time this is used.
std::string ascii_lower(std::string_view text);

// Whole text as a decimal number, no sign, no blanks, no overflow.
std::optional<std::uint64_t> parse_u64(std::string_view text);

// Position of the first byte that is not part of valid UTF-8, npos when there is none.
std::size_t invalid_utf8_at(std::string_view text);

// Makes any bytes safe for a terminal line: control characters, DEL, invalid UTF-8 and
// bidirectional marks become \xNN or \u{NNNN}; at most max_bytes of input are shown, then "…".
std::string printable(std::string_view bytes, std::size_t max_bytes = 4096);

// RFC 3339 with milliseconds in UTC: 2026-11-25T12:00:00.000Z.
std::string format_time_utc(std::int64_t wall_ns);

}  // namespace tocsin
