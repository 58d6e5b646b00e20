// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <nlohmann/json.hpp>

#include "report/html.hpp"
#include "report/intervals.hpp"

// Drawings of one series of contacts, each a <figure> with an accessible name and description.
// series must not be empty.
namespace tocsin::report {

// When: one line for each contact, failed ones marked, unwatched time shaded.
void plot_contacts(Html& page, const ContactSeries& series);
// How far apart: a histogram with the median and the band of one MAD around it.
void plot_intervals(Html& page, const Intervals& intervals);
// How many in each hour, or in each longer stretch when there are too many hours.
void plot_rate(Html& page, const ContactSeries& series);
// How much was sent in each contact that told; nothing is drawn when none did.
void plot_bytes(Html& page, const ContactSeries& series);
// What a group of evidence adds (to the right) or takes away, out of most.
void plot_contribution(Html& page, double contribution, double most);

}  // namespace tocsin::report
