// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#define CATCH_CONFIG_MAIN
#include "support/test.hpp"
