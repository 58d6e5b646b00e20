// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/exemptions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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
  Rows rows;
  // No guard: what is popular is what gets exempted.
  TOCSIN_TRY(auto summary,
             read_set_file(path,
                           {.file_name = path.filename().string(),
                            .now_ns = now,
                            .guard = nullptr,
                            .review_sink = {}},
                           [&](const SetMeta&, const IndicatorRow& row) -> Result<void> {
                             if (row.note.empty())
                               return fail(ErrorCode::kInvalidInput,
                                           "an exemption needs note=WORDS: who says so, why");
                             if (row.expires_ns && *row.expires_ns <= now) return {};
                             if (rows_ + rows.size() >= kExemptionsMax)
                               return fail(ErrorCode::kLimit,
                                           fmt::format("more than {} exemptions", kExemptionsMax));
                             rows.push_back({key_of(row), row.expires_ns});
                             return {};
                           }));
  if (summary.error.empty() && summary.refused != 0 && summary.accepted_total() == 0)
    summary.error = "no line of the file could be taken";
  if (summary.error.empty()) take(path, std::move(rows));
  return summary;
}

std::optional<Exemptions::Kept> Exemptions::keep_old(const Exemptions& before,
                                                     const std::filesystem::path& path,
                                                     WallNs now) {
  const auto old = before.files_.find(path);
  if (old == before.files_.end()) return std::nullopt;
  auto rows = old->second;
  std::erase_if(rows, [&](const Row& row) { return row.expires_ns && *row.expires_ns <= now; });
  const auto fit = std::min(rows.size(), kExemptionsMax - rows_);
  const auto lost = rows.size() - fit;
  rows.resize(fit);
  take(path, std::move(rows));
  return Kept{.rows = fit, .lost = lost};
}

void Exemptions::take(const std::filesystem::path& path, Rows rows) {
  for (const auto& row : rows) keys_.insert(row.key);
  rows_ += rows.size();
  files_.emplace(path, std::move(rows));
}

std::vector<std::filesystem::path> Exemptions::files() const {
  std::vector<std::filesystem::path> out;
  for (const auto& [path, rows] : files_) out.push_back(path);
  return out;
}

bool Exemptions::covers(const IndicatorRow& row) const {
  return !keys_.empty() && keys_.contains(key_of(row));
}

}  // namespace tocsin
