// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "indicators/exemptions.hpp"
#include "indicators/guard.hpp"
#include "indicators/index.hpp"
#include "indicators/set_file.hpp"

namespace tocsin {

// What became of one file at the last load.
struct SetFileStatus {
  std::filesystem::path path;
  bool compiled = false;         // an index file; summary has only the counts
  SetFileSummary summary;        // of a text set
  std::uint64_t duplicates = 0;  // rows that repeat an earlier row of the same file
  std::uint64_t exempted = 0;    // rows left out because a *.exempt file says so
  std::uint64_t exempts = 0;     // of a *.exempt file: its rows; it has no indicators then
  WallNs mtime_ns = 0;
  // Non-empty: the file could not be taken at all. kept_old tells whether what an earlier load
  // took from it is still watched for, or still exempted.
  std::string error;
  bool kept_old = false;
};

// The indicator files of this host. Owns the current index; not thread-safe, but the index it
// hands out may go anywhere.
class IndicatorStore {
 public:
  // Files, and folders of which *.ioc, *.csv and *.iocx are taken, and *.exempt: values of text
  // sets that are left out. Loads nothing yet.
  static Result<IndicatorStore> create(std::vector<std::filesystem::path> paths);

  // Reads every file again and swaps the index. A file that cannot be read, or of which no line
  // can be taken, leaves its old content active. An error (a limit, no memory for the image)
  // leaves the whole old index active.
  Result<void> reload(WallNs now);
  // The same in two steps, for a thread that must not wait: prepare() may run on any other thread,
  // but not at the same time as adopt(), and what it gives is adopted before the next one.
  class Prepared;
  [[nodiscard]] Result<Prepared> prepare(WallNs now) const;
  void adopt(Prepared prepared);

  [[nodiscard]] std::shared_ptr<const Index> current() const { return index_; }
  [[nodiscard]] const std::vector<SetFileStatus>& files() const { return files_; }
  [[nodiscard]] const Guard& guard() const { return guard_; }
  [[nodiscard]] bool need_sha1() const { return index_->need_sha1(); }
  [[nodiscard]] bool need_md5() const { return index_->need_md5(); }
  // Folders whose changes call for a reload.
  [[nodiscard]] std::vector<std::filesystem::path> watch_paths() const;
  // Files left out because there are more than kIndicatorFilesMax.
  [[nodiscard]] std::uint64_t files_over_limit() const { return files_over_limit_; }

 private:
  struct Loading;
  explicit IndicatorStore(std::vector<std::filesystem::path> paths, Guard guard)
      : paths_(std::move(paths)), guard_(std::move(guard)) {}
  [[nodiscard]] std::vector<std::filesystem::path> list_files(Loading& loading) const;
  void load_file(const std::filesystem::path& path, WallNs now, Loading& loading) const;
  void load_text(SetFileStatus& status, WallNs now, Loading& loading) const;
  void load_exemptions(const std::filesystem::path& path, WallNs now, Loading& loading) const;
  void load_compiled(SetFileStatus& status, Loading& loading) const;
  void keep_old(SetFileStatus& status, Loading& loading) const;

  // Where the content of a file is in the current index.
  struct Origin {
    std::filesystem::path path;
    Index::Image image;
    std::uint32_t file = 0;  // in a text image; compiled files are a whole image
    bool compiled = false;
  };

  std::vector<std::filesystem::path> paths_;
  Guard guard_;
  std::shared_ptr<const Index> index_ = std::make_shared<const Index>();
  std::vector<Origin> origins_;
  std::vector<SetFileStatus> files_;
  Exemptions exemptions_;
  std::uint64_t files_over_limit_ = 0;
};

class IndicatorStore::Prepared {
  friend class IndicatorStore;
  std::shared_ptr<const Index> index;
  std::vector<Origin> origins;
  std::vector<SetFileStatus> files;
  Exemptions exemptions;
  std::uint64_t files_over_limit = 0;
};

}  // namespace tocsin
