// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_set>

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
  Result<SetFileSummary> add_file(const std::filesystem::path& path, WallNs now);
  [[nodiscard]] bool covers(const IndicatorRow& row) const;

 private:
  std::unordered_set<std::string> keys_;
};

}  // namespace tocsin
