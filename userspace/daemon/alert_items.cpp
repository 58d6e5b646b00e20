// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/alert_items.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/lru_map.hpp"

namespace tocsin {
namespace {

// First the file's alerts, page by page, then those in memory that the file has not told yet.
class AlertItems {
 public:
  AlertItems(std::optional<StoredPart> stored, const control::AlertFilter& filter,
             const AlertDesk& desk)
      : stored_(std::move(stored)),
        filter_(filter),
        desk_(desk),
        next_kept_(position_after(desk, filter.after).value_or(desk.first_kept())) {}

  Result<std::optional<std::string>> operator()() {
    if (stored_) TOCSIN_TRY_VOID(read_page());
    if (at_ < page_.size()) {
      told_.get(page_[at_].id, [](const auto&, const auto&) {});
      return std::move(page_[at_++].json);
    }
    return from_memory();
  }

 private:
  Result<void> read_page() {
    if (at_ < page_.size()) return {};
    at_ = 0;
    auto page = stored_->file.page(stored_->after_seq,
                                   {.since_ns = filter_.since_ns, .least = filter_.least});
    if (!page) {
      spdlog::warn("alerts of earlier runs: {}", page.error().message);
      if (!filter_.after.empty())
        return fail(ErrorCode::kIo, "alerts of earlier runs: " + page.error().message);
    }
    page_ = page ? std::move(*page) : std::vector<StoredAlert>();
    if (page_.empty()) {
      stored_.reset();
    } else {
      stored_->after_seq = page_.back().seq;
    }
    return {};
  }

  std::optional<std::string> from_memory() {
    next_kept_ = std::max(next_kept_, desk_.first_kept());
    while (next_kept_ < desk_.reported()) {
      const auto& kept = desk_.kept(next_kept_++);
      if (kept.alert.severity < filter_.least) continue;
      if (filter_.since_ns && kept.alert.time_ns < *filter_.since_ns) continue;
      if (told_.find(kept.alert.id) == nullptr) return kept.json;
    }
    return std::nullopt;
  }

  struct Nothing {};
  std::optional<StoredPart> stored_;  // nullopt: read to its end
  control::AlertFilter filter_;
  const AlertDesk& desk_;
  std::uint64_t next_kept_;
  std::vector<StoredAlert> page_;
  std::size_t at_ = 0;
  // The last ones, which memory may have, too.
  LruMap<std::string, Nothing> told_{2 * limits::kAlertsKeptMax};
};

}  // namespace

std::optional<std::uint64_t> position_after(const AlertDesk& desk, std::string_view id) {
  for (auto i = desk.reported(); i > desk.first_kept(); --i)
    if (desk.kept(i - 1).alert.id == id) return i;
  return std::nullopt;
}

control::ItemSource alert_items(std::optional<StoredPart> stored,
                                const control::AlertFilter& filter, const AlertDesk& desk) {
  return AlertItems(std::move(stored), filter, desk);
}

}  // namespace tocsin
