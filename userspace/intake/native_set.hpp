// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "indicators/guard.hpp"
#include "indicators/indicator_row.hpp"

// From what was published to a set in the native format, on the unprivileged side: the daemon sees
// nothing but the result, and judges it again.
namespace tocsin::intake {

// What whoever imports says about all rows; empty members leave what the publication says.
struct SetFacts {
  std::string set;
  std::string campaign;
  std::string source;
  std::optional<Severity> severity;
  std::optional<WallNs> expires_ns;
  WallNs added_ns = 0;         // of rows that do not say
  bool accept_review = false;  // rows held back are taken
};

struct NativeSet {
  std::string text;
  std::uint64_t accepted = 0, review = 0, refused = 0;
};

// A native set under another name and with the given facts. Lines that cannot be taken are left out
// and counted; kInvalidInput when the whole cannot be read.
Result<NativeSet> rewrite_native(std::string_view text, const SetFacts& facts, const Guard& guard);

// The head of a set with these facts, before its rows.
SetMeta meta_of(const SetFacts& facts);

// Sealed memory with the text, as "import" takes it.
Result<Fd> sealed_memory(std::string_view text);

}  // namespace tocsin::intake
