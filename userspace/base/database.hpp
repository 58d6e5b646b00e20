// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tocsin {

// A prepared statement. Bind from 1, step, read columns from 0, reset. Owned by one thread with its
// Database, which must outlive it.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  Statement& bind(int at, std::int64_t value);
  Statement& bind(int at, std::optional<std::int64_t> value);
  // The bytes must live until reset().
  Statement& bind_text(int at, std::string_view text);
  Statement& bind_blob(int at, std::string_view bytes);
  Statement& bind_null(int at);

  // True: a row is there. Binding errors come out here, too.
  Result<bool> step();
  // Steps to the end and resets.
  Result<void> run();
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  // Valid until the next step or reset.
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Statement& keep(int result);
  sqlite3_stmt* statement_ = nullptr;
  int fault_ = 0;  // first result code of a bind that failed
};

// One connection to one SQLite file. Errors name the file. One thread at a time.
class Database {
 public:
  enum class Mode : std::uint8_t { kCreate, kReadOnly };
  enum class Sync : std::uint8_t { kNormal, kFull };  // kFull: a commit is on the disk

  struct Options {
    Mode mode = Mode::kReadOnly;
    Sync sync = Sync::kNormal;
    std::chrono::milliseconds busy{2000};  // how long to wait for another connection's lock
    std::int64_t cache_kib = 2048;
  };

  // WAL when created. A read-only connection works beside a writer and on the files of a stopped
  // one, also when nothing may be written there.
  static Result<Database> open(const std::string& path, const Options& options);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  Result<Statement> prepare(std::string_view sql);
  // Statements without parameters and rows.
  Result<void> run(const std::string& sql);
  Result<std::int64_t> integer(std::string_view sql);  // first column of the only row; none: 0
  [[nodiscard]] std::int64_t changes() const;          // rows the last statement wrote
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  [[nodiscard]] std::unexpected<Error> fault(std::string_view doing) const;
  sqlite3* handle_ = nullptr;
  std::string path_;
};

}  // namespace tocsin
