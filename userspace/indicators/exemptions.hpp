// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "indicators/set_file.hpp"

namespace tocsin {

// Values that a site does not want to be watched for, whichever set lists them: the rows of
// *.exempt files, in the format of the sets. Exactly the value that is listed is meant: a name
// without those below it. Built once for a load, then only read.
class Exemptions {
 public:
  static bool is_file_name(const std::filesystem::path& path);

  // A row without a note, which says why, is refused; one that has expired at now says nothing.
  // Of a file that ends in an error or in summary.error, or of which no line can be taken, nothing
  // is taken.
  Result<SetFileSummary> add_file(const std::filesystem::path& path, WallNs now);
  struct Kept {
    std::size_t rows = 0, lost = 0;  // lost: there was no room for them
  };
  // Takes what before took from the file and what has not expired at now.
  // nullopt: before took nothing from such a file.
  std::optional<Kept> keep_old(const Exemptions& before, const std::filesystem::path& path,
                               WallNs now);
  // The files of which something was taken.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;
  [[nodiscard]] bool covers(const IndicatorRow& row) const;

 private:
  struct Row {
    std::string key;
    std::optional<WallNs> expires_ns;
  };
  using Rows = std::vector<Row>;
  void take(const std::filesystem::path& path, Rows rows);

  std::map<std::filesystem::path, Rows> files_;
  std::size_t rows_ = 0;                  // of files_
  std::unordered_set<std::string> keys_;  // of files_
};

}  // namespace tocsin
