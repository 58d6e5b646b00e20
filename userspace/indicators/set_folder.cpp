// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/set_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <unordered_set>

#include "base/limits.hpp"
#include "base/write_file.hpp"
#include "indicators/set_line.hpp"
#include "indicators/set_writer.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kSetMode = 0640;  // root changes, the group reads: notes may be confidential
constexpr mode_t kFolderMode = 0750;

// Values of one version, as hashes: only counts are made of them.
using Values = std::unordered_set<std::size_t>;

std::size_t value_hash(const IndicatorRow& row) {
  return std::hash<std::string>()(std::string(to_string(row.type)) + ',' + value_text(row));
}

struct Read {
  SetFileSummary summary;
  Values values;
};

Result<void> check_name(std::string_view name) {
  if (is_set_name(name) && !name.starts_with('.')) return {};
  return fail(ErrorCode::kInvalidInput,
              "a set's name is 1 to 64 letters, digits, dots, underscores and hyphens, and begins "
              "with no dot");
}

SetFileReader::Options reader_options(std::string_view name, const Guard& guard) {
  return {.file_name = std::string(name) + ".ioc", .now_ns = 0, .guard = &guard};
}

RowSink collect(Values& values) {
  return [&values](const SetMeta&, const IndicatorRow& row) -> Result<void> {
    values.insert(value_hash(row));
    return {};
  };
}

Read read_bytes(std::string_view name, std::string_view bytes, const Guard& guard) {
  Read out;
  SetFileReader reader(reader_options(name, guard), collect(out.values));
  reader.feed(bytes);
  out.summary = reader.finish();
  return out;
}

// A version that is not there, or cannot be read any more, has no values.
Values values_of(std::string_view name, const fs::path& file, const Guard& guard) {
  Values values;
  (void)read_set_file(file, reader_options(name, guard), collect(values));
  return values;
}

ImportOutcome outcome_of(std::string_view name, Read now, const Values& before) {
  ImportOutcome out;
  out.set = name;
  out.accepted = now.summary.accepted;
  out.review = now.summary.review;
  out.refused = now.summary.refused;
  out.refusals = std::move(now.summary.refusals);
  for (const auto value : now.values)
    if (before.contains(value))
      ++out.kept;
    else
      ++out.added;
  out.removed = before.size() - out.kept;
  return out;
}

Result<void> check_content(std::string_view name, const Read& read) {
  const auto& summary = read.summary;
  if (!summary.error.empty()) return fail(ErrorCode::kInvalidInput, summary.error);
  if (summary.meta.set != name)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("the set names itself {}, not {}", summary.meta.set, name));
  if (!read.values.empty() || summary.review > 0) return {};
  if (summary.refusals.empty())
    return fail(ErrorCode::kInvalidInput, "there is no indicator in it");
  return fail(ErrorCode::kInvalidInput, "no line of it could be taken; the first: " +
                                            to_string(summary.refusals.front(), summary.meta.file));
}

}  // namespace

std::uint64_t ImportOutcome::total() const {
  return std::accumulate(accepted.begin(), accepted.end(), std::uint64_t{0});
}

fs::path SetFolder::path_of(std::string_view name) const {
  return folder_ / (std::string(name) + ".ioc");
}

fs::path SetFolder::previous_of(std::string_view name) const {
  return folder_ / ".previous" / (std::string(name) + ".ioc");
}

Result<void> SetFolder::make_folders() const {
  for (const auto& folder : {folder_, folder_ / ".previous"})
    if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST)
      return fail_errno("making the folder " + folder.string(), errno);
  return {};
}

// A second name for the content that is about to be replaced, put in place in one step.
Result<void> SetFolder::keep_previous(std::string_view name) const {
  const auto kept = previous_of(name);
  const auto fresh = kept.string() + ".new";
  ::unlink(fresh.c_str());
  if (::link(path_of(name).c_str(), fresh.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno("keeping the version before as " + kept.string(), errno);
  }
  if (::rename(fresh.c_str(), kept.c_str()) != 0)
    return fail_errno("keeping the version before as " + kept.string(), errno);
  // Two names of one file: rename(2) did nothing then, and the extra name goes here.
  ::unlink(fresh.c_str());
  return sync_folder(kept.parent_path());
}

Result<ImportOutcome> SetFolder::import(std::string_view name, std::string_view bytes,
                                        const Guard& guard, Rules rules) const {
  TOCSIN_TRY_VOID(check_name(name));
  auto read = read_bytes(name, bytes, guard);
  TOCSIN_TRY_VOID(check_content(name, read));
  const auto path = path_of(name);
  const auto before = values_of(name, path, guard);
  if (!rules.may_shrink && read.values.size() < before.size() / 2 + before.size() % 2)
    return fail(ErrorCode::kLimit,
                fmt::format("it holds {} indicators where the active version has {}: less than "
                            "half. Held back until a person agrees",
                            read.values.size(), before.size()));
  TOCSIN_TRY_VOID(make_folders());
  TOCSIN_TRY_VOID(keep_previous(name));
  std::error_code ignored;
  const bool replaced = fs::exists(path, ignored);
  TOCSIN_TRY_VOID(replace_file(path, bytes, kSetMode));
  auto out = outcome_of(name, std::move(read), before);
  out.replaced = replaced;
  return out;
}

Result<void> SetFolder::remove(std::string_view name) const {
  TOCSIN_TRY_VOID(check_name(name));
  const auto path = path_of(name);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT)
    return fail(ErrorCode::kNotFound, fmt::format("no set {} in {}", name, folder_.string()));
  TOCSIN_TRY_VOID(make_folders());
  if (::rename(path.c_str(), previous_of(name).c_str()) != 0)
    return fail_errno("removing " + path.string(), errno);
  return sync_folder(folder_);
}

Result<ImportOutcome> SetFolder::roll_back(std::string_view name, const Guard& guard) const {
  TOCSIN_TRY_VOID(check_name(name));
  const auto path = path_of(name), previous = previous_of(name);
  const auto before = values_of(name, path, guard);
  Read read;
  auto summary = read_set_file(previous, reader_options(name, guard), collect(read.values));
  std::error_code ignored;
  if (!summary && !fs::exists(previous, ignored))
    return fail(ErrorCode::kNotFound, fmt::format("no earlier version of {} is kept", name));
  if (!summary) return std::unexpected(std::move(summary).error());
  read.summary = std::move(*summary);
  TOCSIN_TRY_VOID(check_content(name, read));
  const bool replaced = fs::exists(path, ignored);
  const unsigned flags = replaced ? RENAME_EXCHANGE : 0;
  if (::renameat2(AT_FDCWD, previous.c_str(), AT_FDCWD, path.c_str(), flags) != 0)
    return fail_errno("putting back " + previous.string(), errno);
  TOCSIN_TRY_VOID(sync_folder(folder_));
  auto out = outcome_of(name, std::move(read), before);
  out.replaced = replaced;
  return out;
}

}  // namespace tocsin
