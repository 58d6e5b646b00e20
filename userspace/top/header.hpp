// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "top/model.hpp"
#include "top/screen.hpp"

namespace tocsin::top {

// How the daemon is: rates, losses, coverage, what it costs, and what this view missed itself. Four
// lines, two on a small screen.
Screen header_of(const Model& model, Size size, double now_s);

}  // namespace tocsin::top
