// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>

namespace tocsin::limits {

// A page is read by people, sent by mail and printed.
inline constexpr std::size_t kReportBytesMax = 300'000;
// When it has grown so far, lists end early: what is behind them has room, whatever texts hold.
inline constexpr std::size_t kReportListBytesMax = 140'000;
// One text on the page, bytes of it. Longer: cut, with "…".
inline constexpr std::size_t kReportTextBytesMax = 400;
// A command line or a note.
inline constexpr std::size_t kReportLongTextBytesMax = 1'200;
// A drawn path; texts from outside in attributes are cut by who writes them.
inline constexpr std::size_t kReportAttributeBytesMax = 65'536;
// Rows of any table or list. More: a count.
inline constexpr std::size_t kReportRowsMax = 30;
// Alerts told one by one in a report of a period. More: a count.
inline constexpr std::size_t kReportAlertsMax = 200;
// Dots of one plot; of more contacts the latest are drawn.
inline constexpr std::size_t kPlotDotsMax = 400;
// Bars of one plot.
inline constexpr std::size_t kPlotBarsMax = 60;

}  // namespace tocsin::limits
