// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "extract/extract.hpp"

namespace tocsin::test {

inline constexpr WallNs kNow = 1'764'000'000LL * kNsPerSecond;  // 2025-11-24

inline Result<Extraction> extracted(std::string_view document, std::string file_name = {},
                                    const ReviewGuards* lists = nullptr) {
  static const Guard guard = Guard::load().value();
  return extract(document, {std::move(file_name), &guard, lists, kNow});
}

// "type,value" of what was accepted and "type,value,review" of what was held, sorted.
inline std::vector<std::string> taken(const Extraction& extraction) {
  std::vector<std::string> out;
  for (const auto& c : extraction.candidates) {
    if (c.state == CandidateState::kReject) continue;
    out.push_back(std::string(to_string(c.type)) + "," + c.value +
                  (c.state == CandidateState::kReview ? ",review" : ""));
  }
  std::ranges::sort(out);
  return out;
}
inline std::vector<std::string> taken(std::string_view document) {
  const auto extraction = extracted(document);
  if (!extraction) return {"error: " + extraction.error().message};
  return taken(*extraction);
}

// The reasons of the candidate written like that, "" when there is none.
inline std::string reasons(std::string_view document, std::string_view raw) {
  const auto extraction = extracted(document);
  if (!extraction) return "error: " + extraction.error().message;
  for (const auto& c : extraction->candidates) {
    if (c.raw != raw && c.value != raw) continue;
    std::string out;
    for (const auto reason : c.reasons)
      out += (out.empty() ? "" : " ") + std::string(to_string(reason));
    return out;
  }
  return {};
}

using Lines = std::vector<std::string>;

// Digests that belong to nothing.
inline const std::string kSha256 =
    "5d1c7a0e9b3f48621c7d0e5a9f3b86427d1e0c5a9b3f48626c7d1e0f5a9b3c84";
inline const std::string kSha1 = "1f3e5d7c9b0a2846e1d3c5b7a90f2e4d6c8b1a30";
inline const std::string kMd5 = "0f1e2d3c4b5a69788796a5b4c3d2e1f1";

}  // namespace tocsin::test
