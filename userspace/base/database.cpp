// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <utility>

namespace tocsin {
namespace {

ErrorCode code_of(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kBusy;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return ErrorCode::kPermission;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kInvalidInput;
    case SQLITE_NOTFOUND:
      return ErrorCode::kNotFound;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      return ErrorCode::kInternal;
    default:
      return ErrorCode::kIo;
  }
}

// As a URI, so that options can follow: only these characters have a meaning in it.
std::string uri_of(const std::string& path, std::string_view options) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return uri.append(options);
}

std::unexpected<Error> open_fault(sqlite3* handle, const std::string& path, int result) {
  const std::string why = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(result);
  sqlite3_close_v2(handle);
  return fail(std::filesystem::exists(path) ? code_of(result) : ErrorCode::kNotFound,
              fmt::format("{}: {}", path, why));
}

// Opening touches nothing; the first read does.
int probe(sqlite3* handle) {
  return sqlite3_exec(handle, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr);
}

bool has_log(const std::string& path) {
  std::error_code ec;
  const auto bytes = std::filesystem::file_size(path + "-wal", ec);
  return !ec && bytes > 0;
}

Result<sqlite3*> open_handle(const std::string& path, const Database::Options& options) {
  const bool create = options.mode == Database::Mode::kCreate;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI |
                    (create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* handle = nullptr;
  int result = sqlite3_open_v2(uri_of(path, "").c_str(), &handle, flags, nullptr);
  if (result == SQLITE_OK) {
    sqlite3_busy_timeout(handle, static_cast<int>(options.busy.count()));
    result = probe(handle);
  }
  if (result == SQLITE_OK) return handle;
  // A log needs a shared-memory file beside it. Without a log nothing is missed by doing without.
  const bool cannot_write =
      (result & 0xff) == SQLITE_CANTOPEN || (result & 0xff) == SQLITE_READONLY;
  if (create || !cannot_write || has_log(path)) return open_fault(handle, path, result);
  sqlite3_close_v2(std::exchange(handle, nullptr));
  result = sqlite3_open_v2(uri_of(path, "?immutable=1").c_str(), &handle, flags, nullptr);
  if (result == SQLITE_OK) result = probe(handle);
  if (result != SQLITE_OK) return open_fault(handle, path, result);
  return handle;
}

}  // namespace

// ---- Statement
// ------------------------------------------------------------------------------------

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), fault_(other.fault_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  std::swap(fault_, other.fault_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::keep(int result) {
  if (result != SQLITE_OK && fault_ == SQLITE_OK) fault_ = result;
  return *this;
}

Statement& Statement::bind(int at, std::int64_t value) {
  return keep(sqlite3_bind_int64(statement_, at, value));
}

Statement& Statement::bind(int at, std::optional<std::int64_t> value) {
  return value ? bind(at, *value) : bind_null(at);
}

Statement& Statement::bind_text(int at, std::string_view text) {
  const char* bytes = text.empty() ? "" : text.data();
  return keep(sqlite3_bind_text64(statement_, at, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
  // A null pointer would be NULL, which an empty BLOB is not.
  if (bytes.empty()) return keep(sqlite3_bind_zeroblob(statement_, at, 0));
  return keep(sqlite3_bind_blob64(statement_, at, bytes.data(), bytes.size(), SQLITE_STATIC));
}

Statement& Statement::bind_null(int at) {
  return keep(sqlite3_bind_null(statement_, at));
}

Result<bool> Statement::step() {
  auto* database = sqlite3_db_handle(statement_);
  int result = fault_;
  if (result == SQLITE_OK) result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  const auto* file = sqlite3_db_filename(database, "main");
  const auto message = fmt::format("{}: {}", file != nullptr ? file : "", sqlite3_errmsg(database));
  reset();
  return fail(code_of(result), message);
}

Result<void> Statement::run() {
  for (;;) {
    TOCSIN_TRY(const bool row, step());
    if (row) continue;
    reset();
    return {};
  }
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  fault_ = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::string_view() : std::string_view(data, size);
}

// ---- Database
// -------------------------------------------------------------------------------------

Result<Database> Database::open(const std::string& path, const Options& options) {
  TOCSIN_TRY(auto* handle, open_handle(path, options));
  Database database(handle, path);
  sqlite3_extended_result_codes(handle, 1);
  // What stands in the file is data: no function or trigger of its is trusted.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  TOCSIN_TRY_VOID(database.run(fmt::format("PRAGMA cache_size=-{}", options.cache_kib)));
  if (options.mode == Mode::kCreate)
    TOCSIN_TRY_VOID(database.run(fmt::format("PRAGMA journal_mode=WAL; PRAGMA synchronous={}",
                                             options.sync == Sync::kFull ? "FULL" : "NORMAL")));
  return database;
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), path_(std::move(other.path_)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(path_, other.path_);
  return *this;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

std::unexpected<Error> Database::fault(std::string_view doing) const {
  return fail(code_of(sqlite3_extended_errcode(handle_)),
              fmt::format("{}: {}{}", path_, doing, sqlite3_errmsg(handle_)));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
    return fault("");
  return Statement(statement);
}

Result<void> Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  auto error = fault("");
  // A transaction that failed half-way must not stay open.
  if (sqlite3_get_autocommit(handle_) == 0)
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  return error;
}

std::int64_t Database::changes() const {
  return sqlite3_changes(handle_);
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  TOCSIN_TRY(auto statement, prepare(sql));
  TOCSIN_TRY(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

}  // namespace tocsin
