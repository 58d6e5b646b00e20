// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "process/process_table.hpp"

namespace tocsin {

// Programs that ask on behalf of others. By their file's name: evidence for a reader, no identity.
bool is_resolver(const Image& image);

}  // namespace tocsin
