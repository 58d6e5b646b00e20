// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/database.hpp"
#include "base/digest.hpp"
#include "base/process_id.hpp"
#include "history/seen.hpp"

namespace tocsin {

// One row of seen: docs/history.md.
struct SightingRow {
  SeenKind kind = SeenKind::kProgram;
  std::string value, subject, container;
  WallNs first_ns = 0, last_ns = 0;
  std::uint64_t count = 0, days = 0;
  std::uint32_t flags = 0;
  std::optional<std::int64_t> first_who, last_who;
  ProcessId first_process, last_process;  // unknown where the row does not say
};

// One row of content.
struct SeenContent {
  std::string path;
  std::optional<std::uint64_t> size;
  std::optional<Sha1> sha1;
  std::optional<Md5> md5;
};

// An indicator of a set, as table reported names it.
struct IndicatorName {
  std::string set, value;
};

// The sightings of a history, beside a running daemon or without one. Reads only. One thread.
class HistoryReader {
 public:
  // folder: state_dir/history. kNotFound when there is no history in it.
  static Result<HistoryReader> open(const std::filesystem::path& folder);

  // False: enough.
  using Visit = std::function<bool(const SightingRow&)>;
  // Rows of that kind whose value lies in the range, in the order of their values.
  Result<void> rows(SeenKind kind, const ValueRange& range, const Visit& visit);

  // Walks all rows in the order of their key, some at a time, so that no lock is held for long.
  struct Position {
    std::int64_t kind = 0;
    std::string value, subject, container;
  };
  // False when there was none behind the position, which moves on.
  Result<bool> slice(Position& after, std::size_t rows_max, const Visit& visit);

  Result<std::optional<SeenContent>> content(std::string_view sha256);
  // Contents with that digest, 20 or 16 bytes; several only by collision.
  Result<std::vector<std::string>> contents_by(const Sha1& digest);
  Result<std::vector<std::string>> contents_by(const Md5& digest);
  // Every content that has a path: its SHA-256 and the path. False: enough.
  using VisitPath = std::function<bool(std::string_view sha256, std::string_view path)>;
  Result<void> content_paths(const VisitPath& visit);
  struct ContentCounts {
    std::uint64_t all = 0, without_sha1 = 0, without_md5 = 0;
  };
  Result<ContentCounts> content_counts();

  // JSON text of who's facts; empty when there is no such row.
  Result<std::string> who(std::int64_t id);
  // An alert about sightings of this value and that indicator was raised.
  Result<bool> reported(const IndicatorName& indicator, SeenKind kind, std::string_view value);

  [[nodiscard]] Database& database() { return database_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  HistoryReader(Database database, std::filesystem::path folder)
      : folder_(std::move(folder)), database_(std::move(database)) {}
  Result<void> prepare();
  Result<std::vector<std::string>> blobs(Statement& statement, std::string_view bound);

  std::filesystem::path folder_;
  Database database_;
  Statement range_, slice_, content_, by_sha1_, by_md5_, who_, reported_;
};

}  // namespace tocsin
