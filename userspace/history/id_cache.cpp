// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/id_cache.hpp"

#include <fmt/format.h>

#include "history/history_limits.hpp"

namespace tocsin {

Result<IdCache> IdCache::open(Database& database, const Table& table) {
  IdCache cache;
  cache.max_sql_ = fmt::format("SELECT max(id) FROM {}", table.name);
  cache.has_more_ = !table.more.empty();
  TOCSIN_TRY(cache.find_,
             database.prepare(fmt::format("SELECT id FROM {} WHERE {}=?1", table.name, table.key)));
  TOCSIN_TRY(
      cache.insert_,
      database.prepare(!cache.has_more_ ? fmt::format("INSERT INTO {}(id,{}) VALUES(?1,?2)",
                                                      table.name, table.key)
                                        : fmt::format("INSERT INTO {}(id,{},{}) VALUES(?1,?2,?3)",
                                                      table.name, table.key, table.more)));
  TOCSIN_TRY_VOID(cache.restart(database));
  return cache;
}

Result<void> IdCache::restart(Database& database) {
  known_.clear();
  TOCSIN_TRY(const auto last, database.integer(max_sql_));
  next_ = last + 1;
  return {};
}

Result<std::int64_t> IdCache::id_of(std::string_view key, std::string_view more) {
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  find_.bind_blob(1, key);
  TOCSIN_TRY(const bool stored, find_.step());
  if (stored) {
    const auto id = find_.integer(0);
    find_.reset();
    return remember(key, id);
  }
  find_.reset();
  insert_.bind(1, next_).bind_blob(2, key);
  if (has_more_) insert_.bind_text(3, more);
  TOCSIN_TRY_VOID(insert_.run());
  return remember(key, next_++);
}

std::int64_t IdCache::remember(std::string_view key, std::int64_t id) {
  if (known_.size() >= limits::kHistoryIdsMax) known_.clear();
  known_.emplace(key, id);
  return id;
}

}  // namespace tocsin
