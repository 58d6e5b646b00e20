// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "extract/extract.hpp"

namespace tocsin {

enum class Syntax : std::uint8_t {
  kText,
  kHtml,
  kXml,
  kJson,
  kDelimited,  // CSV and its kin
  kZeekIntel,
  kSuricataDataset,
  kIdsRules,
  kHosts,
  kDnsmasq,
  kAdblock,
  kRpz,
  kNativeSet,
};

struct Detected {
  Syntax syntax = Syntax::kText;
  char delimiter = ',';                            // kDelimited
  std::size_t header_at = std::string_view::npos;  // kDelimited: a header within a comment line
};

// By content alone. The error names formats that hold no list of indicators (YARA, Sigma) and what
// to do instead.
Result<Detected> detect(std::string_view text);

}  // namespace tocsin
