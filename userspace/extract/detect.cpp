// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/detect.hpp"

namespace tocsin {
Result<Detected> detect(std::string_view) {
  return Detected{};
}
}  // namespace tocsin
