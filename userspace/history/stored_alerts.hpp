// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/database.hpp"
#include "history/history_limits.hpp"
#include "indicators/indicator.hpp"

namespace tocsin {

struct StoredAlert {
  std::int64_t seq = 0;  // in the order they were reported
  std::string id, json;
};

// Reads alerts.db beside its writer, a bounded page at a time.
class StoredAlerts {
 public:
  struct Filter {
    std::optional<WallNs> since_ns;  // alerts at or after it
    Severity least = Severity::kInfo;
  };

  static Result<StoredAlerts> open(const std::string& path);
  // Of those after seq, in order, at most limits::kStoredAlertsPage and about
  // kStoredAlertsPageBytes; none: the end.
  Result<std::vector<StoredAlert>> page(std::int64_t after_seq, const Filter& filter);
  // Those whose id begins with it; at most two: more than one is too many.
  Result<std::vector<StoredAlert>> beginning(std::string_view id);
  // Of the alert with this id; nullopt: it is not there.
  Result<std::optional<std::int64_t>> seq_of(std::string_view id);
  // After which the newest count alerts come.
  Result<std::int64_t> before_last(std::size_t count);

 private:
  explicit StoredAlerts(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace tocsin
