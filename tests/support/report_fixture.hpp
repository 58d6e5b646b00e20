// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "report/words.hpp"

namespace tocsin::test {

// A program that was changed on one day, slept for eight, and then called every five minutes for
// sixteen hours; with what a daemon's history says around it.
report::Material beacon_material();

}  // namespace tocsin::test
