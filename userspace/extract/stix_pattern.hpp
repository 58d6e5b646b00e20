// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "extract/candidate.hpp"

namespace tocsin {

// One comparison of a STIX pattern whose object path may name something to look for.
struct PatternValue {
  std::string path;  // "file:hashes.'SHA-256'"
  std::string text;
  std::optional<Reason> hold;  // kConjunction or kInexact when it is not meant by itself
};

// The STIX 2 pattern grammar, with "[" missing round a single comparison, as some publishers write
// it. What stands alone or below OR is meant by itself; below AND only beside type tags, ports,
// sizes and further digests of the same file. The error names the column. At most
// kExtractPatternTermsMax comparisons, kExtractDepthMax brackets deep.
Result<std::vector<PatternValue>> parse_stix_pattern(std::string_view pattern);

}  // namespace tocsin
