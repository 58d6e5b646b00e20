// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

namespace tocsin::report {

// Light, dark and print. The policy of the page names its digest, so style attributes do not work.
extern const char* const kStyleSheet;

}  // namespace tocsin::report
