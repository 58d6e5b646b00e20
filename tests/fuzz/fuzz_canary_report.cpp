// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// A line that a canary might write: either a time or a reason, never both, and safe to show.
#include <cstdint>
#include <cstdlib>

#include "proof/canary_report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto report = tocsin::parse_canary_report(line);
  if (!report) return 0;
  if ((report->did_ns == 0) == report->cannot_why.empty()) std::abort();
  if (static_cast<std::size_t>(report->action) >= tocsin::kCanaryActions) std::abort();
  for (const char c : report->cannot_why)
    if (static_cast<unsigned char>(c) < 0x20) std::abort();
  return 0;
}
