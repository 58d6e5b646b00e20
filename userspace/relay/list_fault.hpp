// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

namespace tocsin::relay {

// Something of feeds.toml or webhooks.toml that cannot be used.
struct ListFault {
  std::string file;
  std::uint32_t line = 0, column = 0;  // from 1; 0: the whole file
  std::string reason;
  [[nodiscard]] std::string to_string() const;  // "FILE:LINE:COLUMN: REASON"
};

}  // namespace tocsin::relay
