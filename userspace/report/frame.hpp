// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "report/html.hpp"
#include "report/page.hpp"

// What all pages share.
namespace tocsin::report {

// Head, style sheet, policy; opens html, body and main.
void begin_page(Html& page, std::string_view title);
// The foot, and the end of what begin_page() opened.
void end_page(Html& page, const PageFacts& facts, double now_s);

// A section with a heading; closed by close_section().
void open_section(Html& page, std::string_view heading);
void close_section(Html& page);

// "critical" in its colour.
void severity_chip(Html& page, std::string_view severity);
// A row of a definition list; an empty value leaves no trace. code: in a fixed-width face.
enum class Face : bool { kText, kCode };
void fact(Html& page, std::string_view label, std::string_view value, Face face = Face::kText);
// A command that can be copied, below what it is for; without one only that.
void command_line(Html& page, std::string_view why, std::string_view command);

// "12 days later", with a break in the axis where the distance is long beside the others.
struct Moment {
  double at_s = 0;
  std::string what, detail;
  bool loud = false;
};
void time_line(Html& page, std::vector<Moment> moments);

}  // namespace tocsin::report
