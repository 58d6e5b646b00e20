// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

// The only include of the test framework: a move from Catch2 v2 to v3 is an edit here.
#include <catch2/catch.hpp>
