// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "capture/denial_tables.hpp"
#include "indicators/index.hpp"
#include "respond/response_policy.hpp"

namespace tocsin {

// The files whose users are killed as they execute or map them, because listed content was found in
// them. Each is kept with its digests, so that a file whose indicator or rule is gone is let pass
// again. At most limits::kBadFilesMax. State thread only.
class KilledFiles {
 public:
  using File = DenialTables::File;
  struct Parts {
    const Clock& clock;
    DenialTables& kernel;
    const ResponsePolicy& policy;
    // What the host or tocsin cannot do without: nobody is killed as he executes or maps it. May
    // be empty.
    std::function<bool(const File&)> is_vital = {};
  };
  struct Counters {
    std::uint64_t files = 0;     // now
    std::uint64_t left_out = 0;  // no more room here or in the kernel
    std::uint64_t vital = 0;     // would have been killed, but for is_vital
  };

  explicit KilledFiles(Parts parts) : parts_(std::move(parts)) {}

  // Judges the content of one more file. A file without an identity is not kept.
  void add(const File& file, const FileDigests& digests, const Index& index);
  // False: it was not known.
  bool forget(const File& file);
  // After the indicators changed, and when rules or indicators expire: decides anew about each.
  void apply(const Index& index);
  [[nodiscard]] const Counters& counters() const { return counters_; }
  // The earliest moment at which apply() would decide differently; INT64_MAX: never.
  [[nodiscard]] WallNs next_change_ns() const { return next_change_; }

 private:
  struct Known {
    FileDigests digests;
    WallNs until_ns = 0;  // INT64_MAX: for ever
  };

  [[nodiscard]] std::optional<WallNs> acts_until(const FileDigests& digests,
                                                 const Index& index) const;
  bool put(const File& file, WallNs until);

  Parts parts_;
  std::map<File, Known> files_;
  Counters counters_;
  WallNs next_change_ = INT64_MAX;
};

}  // namespace tocsin
