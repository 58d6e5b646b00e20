// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/database.hpp"
#include "history/batch.hpp"
#include "history/history_limits.hpp"

namespace tocsin {

// Numbers of the distinct texts of one dictionary table. What is known is kept in memory, at most
// limits::kHistoryIdsMax; full: forgotten, and asked from the table again.
class IdCache {
 public:
  struct Table {
    std::string_view name, key;
    std::string_view more = {};  // a column that is written once, with the key
  };
  static Result<IdCache> open(Database& database, const Table& table);

  // Of a row that is made when there is none.
  Result<std::int64_t> id_of(std::string_view key, std::string_view more = {});
  // After a rollback: rows that were counted on are gone.
  Result<void> restart(Database& database);

 private:
  std::int64_t remember(std::string_view key, std::int64_t id);

  std::string max_sql_;
  bool has_more_ = false;
  Statement find_, insert_;
  std::int64_t next_ = 1;
  TextMap<std::int64_t> known_;
};

}  // namespace tocsin
