// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "top/model.hpp"
#include "top/view.hpp"

namespace tocsin::top {

// A page about one row. Lines are printable and not wrapped.
struct Page {
  std::string title;
  std::vector<std::string> lines;
};

// About a program, a destination or a beacon: all that is known here. Without lines when the row is
// gone by now.
Page page_of(const Model& model, const Wish& wish);
// As `tocsin explain`. around: the answer of `contacts`, null when there is none.
std::vector<std::string> alert_lines(const nlohmann::json& alert, const nlohmann::json& around,
                                     double now_s);

}  // namespace tocsin::top
