// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "indicators/indicator_row.hpp"
#include "indicators/set_line.hpp"

// Writer of the native set format (iocs/README.md): what it writes, SetFileReader reads back.
namespace tocsin {

// The "# key: value" lines of a set.
std::string set_header(const SetMeta& meta);

// One line with its line end; keys whose value is the set's own are left out.
std::string set_row(const IndicatorRow& row, const SetMeta& meta, RowState state);

// The canonical text of the row's value.
std::string value_text(const IndicatorRow& row);

// "2023-03-30T12:00:00Z"; a fraction of a second is dropped.
std::string set_time_text(WallNs time);

// Text that a line can hold: control characters become blanks, bytes that are no UTF-8 escapes, and
// what is longer than kIndicatorTextBytesMax is cut.
std::string line_text(std::string_view text);

}  // namespace tocsin
