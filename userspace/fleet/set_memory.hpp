// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "fleet/set_manifest.hpp"

namespace tocsin::fleet {

// Which version of each set was taken last, on the disk: without it an old one would pass for new
// after a restart. One thread.
class SetMemory {
 public:
  // A file that is not there is empty; one that is damaged is an error, never silently empty.
  static Result<SetMemory> open(std::string file);

  [[nodiscard]] std::optional<TakenSet> taken(const std::string& set) const;
  // On the disk when it returns; on an error nothing has changed.
  Result<void> take(const std::string& set, const TakenSet& version);

 private:
  explicit SetMemory(std::string file) : file_(std::move(file)) {}
  std::string file_;
  std::map<std::string, TakenSet> taken_;
};

}  // namespace tocsin::fleet
