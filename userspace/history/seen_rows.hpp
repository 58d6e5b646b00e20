// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/database.hpp"
#include "history/batch.hpp"
#include "history/id_cache.hpp"

namespace tocsin {

// Merges rows of a batch into the table `seen`, with their `who`. Inside the caller's transaction.
class SeenRows {
 public:
  static Result<SeenRows> open(Database& database);
  Result<void> merge(Database& database, std::string_view key, const SeenRow& row);
  // After rows were deleted or a transaction rolled back.
  Result<void> recount(Database& database);
  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  Result<void> bind(Statement& statement, std::string_view key, const SeenRow& row);
  Result<std::optional<std::int64_t>> who_id(const Who& who);

  Statement update_, insert_;
  IdCache who_;
  std::int64_t count_ = 0;
};

}  // namespace tocsin
