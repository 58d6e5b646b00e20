// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/retro_match.hpp"

#include <algorithm>
#include <utility>

#include "history/history_limits.hpp"
#include "history/hunt_value.hpp"

namespace tocsin {
namespace {

bool is_file(SeenKind kind) {
  return kind == SeenKind::kProgram || kind == SeenKind::kScript || kind == SeenKind::kModule;
}

std::optional<Sha256> sha256_of(std::string_view value) {
  if (value.size() != Sha256::kBytes) return std::nullopt;
  Sha256 out;
  std::ranges::transform(value, out.bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

Result<SeenValue> seen_value(HistoryReader& reader, const SightingRow& row, bool short_digests) {
  SeenValue out;
  out.kind = row.kind;
  out.value = row.value;
  if (row.kind == SeenKind::kName) out.name = reversed_labels(row.value);
  if (row.kind == SeenKind::kDestination) out.destination = destination_of(row.value);
  if (!is_file(row.kind)) return out;
  const auto sha256 = sha256_of(row.value);
  if (!sha256) return out;
  out.digests = FileDigests{*sha256, {}, {}};
  if (!short_digests) return out;
  TOCSIN_TRY(const auto content, reader.content(row.value));
  if (content) {
    out.digests->sha1 = content->sha1;
    out.digests->md5 = content->md5;
  }
  return out;
}

Severity loudness(const RetroFinding& finding) {
  return std::ranges::max(finding.matches, {},
                          [](const IndicatorMatch& m) { return m.indicator.severity; })
      .indicator.severity;
}

}  // namespace

// ---- The walk
// -------------------------------------------------------------------------------------

Result<bool> RetroMatch::step(HistoryReader& reader) {
  const auto visit = [&](const SightingRow& row) {
    ++rows_;
    if (row.kind != kind_ || row.value != value_) {
      close();
      kind_ = row.kind;
      value_ = row.value;
      look_up(reader, row);
    }
    if (open_) take(row);
    return !fault_;
  };
  TOCSIN_TRY(const bool more, reader.slice(position_, limits::kRetroSliceRows, visit));
  if (fault_) return std::unexpected(std::move(*fault_));
  if (!more) close();
  return more;
}

void RetroMatch::look_up(HistoryReader& reader, const SightingRow& row) {
  auto value = seen_value(reader, row, options_.short_digests);
  if (!value) {
    fault_ = std::move(value).error();
    return;
  }
  auto matches = matcher_(*value);
  for (auto it = matches.begin(); it != matches.end();) {
    const auto told =
        reader.reported({it->indicator.set, it->indicator.value}, row.kind, row.value);
    if (!told) {
      fault_ = told.error();
      return;
    }
    it = *told ? matches.erase(it) : it + 1;
  }
  if (matches.empty()) return;
  open_.emplace();
  open_->kind = row.kind;
  open_->value = row.value;
  open_->matches = std::move(matches);
  open_->digests = std::move(value->digests);
  open_->exposure.first_ns = row.first_ns;
}

void RetroMatch::take(const SightingRow& row) {
  auto& out = open_->exposure;
  out.first_ns = std::min(out.first_ns, row.first_ns);
  out.last_ns = std::max(out.last_ns, row.last_ns);
  out.count += row.count;
  out.days = std::max(out.days, row.days);
  open_->flags |= row.flags;
  auto& by = open_->by;
  const auto at = std::ranges::find_if(
      by, [&](const SightingRow& other) { return other.last_ns < row.last_ns; });
  by.insert(at, row);
  if (by.size() <= limits::kRetroProgramsMax) return;
  by.pop_back();
  ++out.more_programs;
}

void RetroMatch::close() {
  if (open_ && findings_.size() < limits::kRetroFindingsMax) {
    findings_.push_back(std::move(*open_));
  } else if (open_) {
    ++left_out_;
  }
  open_.reset();
}

std::vector<RetroFinding> RetroMatch::take_findings() {
  std::ranges::stable_sort(findings_, [](const RetroFinding& a, const RetroFinding& b) {
    const auto loud_a = loudness(a), loud_b = loudness(b);
    return loud_a != loud_b ? loud_a > loud_b : a.exposure.last_ns > b.exposure.last_ns;
  });
  return std::exchange(findings_, {});
}

}  // namespace tocsin
