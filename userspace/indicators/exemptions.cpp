// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/exemptions.hpp"

#include <fmt/format.h>

namespace tocsin {
namespace {

constexpr std::size_t kExemptionsMax = 10'000;  // rows of all files; more are refused

// An address and the block of just this address are one value.
std::string key_of(const IndicatorRow& row) {
  if (const auto bytes = digest_bytes(row.type); bytes != 0)
    return fmt::format("{} {}", bytes,
                       std::string(reinterpret_cast<const char*>(row.digest.data()), bytes));
  if (row.type == IndicatorType::kIp || row.type == IndicatorType::kCidr)
    return "network " + row.network.to_string();
  return fmt::format("{} {}", to_string(row.type), row.text);
}

}  // namespace

bool Exemptions::is_file_name(const std::filesystem::path& path) {
  return path.extension() == ".exempt" && !path.filename().string().starts_with('.');
}

Result<SetFileSummary> Exemptions::add_file(const std::filesystem::path& path, WallNs now) {
  // No guard: what is popular is what gets exempted.
  return read_set_file(
      path,
      {.file_name = path.filename().string(), .now_ns = now, .guard = nullptr, .review_sink = {}},
      [&](const SetMeta&, const IndicatorRow& row) -> Result<void> {
        if (row.note.empty())
          return fail(ErrorCode::kInvalidInput, "an exemption needs note=WORDS: who says so, why");
        if (row.expires_ns && *row.expires_ns <= now) return {};
        if (keys_.size() >= kExemptionsMax)
          return fail(ErrorCode::kLimit, fmt::format("more than {} exemptions", kExemptionsMax));
        keys_.insert(key_of(row));
        return {};
      });
}

bool Exemptions::covers(const IndicatorRow& row) const {
  return !keys_.empty() && keys_.contains(key_of(row));
}

}  // namespace tocsin
