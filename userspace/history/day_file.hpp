// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <span>

#include "base/database.hpp"
#include "history/batch.hpp"
#include "history/id_cache.hpp"

namespace tocsin {

// One day's single events, append only. One thread at a time.
class DayFile {
 public:
  static Result<DayFile> open(Database database, std::int64_t day);
  // In one transaction, all or nothing.
  Result<void> append(std::span<const SingleEvent* const> events);
  [[nodiscard]] std::int64_t day() const { return day_; }

 private:
  DayFile(Database database, std::int64_t day) : database_(std::move(database)), day_(day) {}
  Result<void> append_all(std::span<const SingleEvent* const> events);
  Result<void> insert(const SingleEvent& event);
  Result<std::optional<std::int64_t>> text_id(std::string_view text);

  Database database_;
  std::int64_t day_;
  IdCache texts_;
  Statement insert_;
};

}  // namespace tocsin
