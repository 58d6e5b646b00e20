// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/fd.hpp"

namespace tocsin {

// Does writing through a mapping move the change time of a tmpfs file? Older kernels leave it where
// it was, so a file can get new content under an old identity there, and no digest of a tmpfs file
// may be remembered. Asked of the kernel with a memfd; "no" until the answer is certain.
class MmapTimesProbe {
 public:
  MmapTimesProbe();
  // Cheap after the first certain answer.
  [[nodiscard]] bool memory_files_tell();

 private:
  Fd file_;
  std::int64_t made_ctime_ns_ = 0;
  std::optional<bool> answer_;
};

}  // namespace tocsin
