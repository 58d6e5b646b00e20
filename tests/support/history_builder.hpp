// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/database.hpp"
#include "history/reader.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

inline constexpr WallNs kHistoryStart = 1'795'000'000LL * kNsPerSecond;
inline constexpr WallNs kHour = 3600LL * kNsPerSecond;
inline constexpr WallNs kDay = 24 * kHour;

struct BuiltRun {
  WallNs started_ns = 0, alive_ns = 0;
  std::optional<WallNs> stopped_ns;
  std::string hooks = "{}";
};

// Fills the files of a history row by row, without the daemon's store.
class HistoryBuilder {
 public:
  explicit HistoryBuilder(const std::filesystem::path& folder);

  HistoryBuilder& run(const BuiltRun& run);
  HistoryBuilder& seen(const SightingRow& row);
  // A name as people write it, asked by the program with the given content.
  HistoryBuilder& name(std::string_view name, WallNs first, WallNs last, std::uint64_t count = 1);
  HistoryBuilder& destination(const char* address, std::uint16_t port, WallNs first, WallNs last);
  HistoryBuilder& program(const Sha256& digest, std::string_view path, WallNs first, WallNs last);
  HistoryBuilder& content(const Sha256& digest, const SeenContent& content);
  std::int64_t who(std::string_view facts);
  HistoryBuilder& sql(const std::string& statement);

  [[nodiscard]] HistoryReader reader() const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  Database database_;
  std::int64_t next_who_ = 1;
};

// Different bytes for different numbers.
Sha256 digest_number(std::uint32_t number);

}  // namespace tocsin::test
