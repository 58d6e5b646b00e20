// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/stored_alerts.hpp"

#include <algorithm>
#include <limits>

#include "history/history_limits.hpp"
#include "history/schema.hpp"

namespace tocsin {
namespace {

StoredAlert row_of(const Statement& row) {
  return {
      .seq = row.integer(0), .id = std::string(row.bytes(1)), .json = std::string(row.bytes(2))};
}

}  // namespace

Result<StoredAlerts> StoredAlerts::open(const std::string& path) {
  TOCSIN_TRY(auto database, Database::open(path, {.busy = std::chrono::milliseconds(0)}));
  TOCSIN_TRY_VOID(check_schema(database, HistoryFile::kAlerts));
  return StoredAlerts(std::move(database));
}

Result<std::vector<StoredAlert>> StoredAlerts::page(std::int64_t after_seq, const Filter& filter) {
  TOCSIN_TRY(auto rows, database_.prepare("SELECT seq,id,json FROM alert WHERE seq>?1 AND "
                                          "time_ns>=?2 AND severity>=?3 ORDER BY seq LIMIT ?4"));
  rows.bind(1, after_seq)
      .bind(2, filter.since_ns.value_or(std::numeric_limits<std::int64_t>::min()))
      .bind(3, static_cast<std::int64_t>(filter.least))
      .bind(4, static_cast<std::int64_t>(limits::kStoredAlertsPage));
  std::vector<StoredAlert> out;
  std::size_t bytes = 0;
  while (bytes < limits::kStoredAlertsPageBytes) {
    TOCSIN_TRY(const bool row, rows.step());
    if (!row) break;
    out.push_back(row_of(rows));
    bytes += out.back().json.size();
  }
  return out;
}

Result<std::vector<StoredAlert>> StoredAlerts::beginning(std::string_view id) {
  TOCSIN_TRY(auto rows, database_.prepare("SELECT seq,id,json FROM alert WHERE id>=?1 AND id<?2 "
                                          "ORDER BY id LIMIT 2"));
  const std::string end = std::string(id) + '\x7f';  // ids are letters and digits
  rows.bind_text(1, id).bind_text(2, end);
  std::vector<StoredAlert> out;
  for (;;) {
    TOCSIN_TRY(const bool row, rows.step());
    if (!row) return out;
    out.push_back(row_of(rows));
  }
}

Result<std::optional<std::int64_t>> StoredAlerts::seq_of(std::string_view id) {
  TOCSIN_TRY(auto row, database_.prepare("SELECT seq FROM alert WHERE id=?1"));
  row.bind_text(1, id);
  TOCSIN_TRY(const bool found, row.step());
  if (!found) return std::nullopt;
  return row.integer(0);
}

Result<std::int64_t> StoredAlerts::before_last(std::size_t count) {
  TOCSIN_TRY(const auto last, database_.integer("SELECT max(seq) FROM alert"));
  return std::max<std::int64_t>(0, last - static_cast<std::int64_t>(count));
}

}  // namespace tocsin
