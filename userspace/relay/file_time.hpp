// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace tocsin::relay {

// When a file was last written, Unix nanoseconds; 0 when it cannot be asked. Tells whether a file
// of settings is another than the one that was read.
inline std::int64_t mtime_ns(const std::string& file) {
  struct stat st {};
  if (stat(file.c_str(), &st) != 0) return 0;
  return st.st_mtim.tv_sec * kNsPerSecond + st.st_mtim.tv_nsec;
}

}  // namespace tocsin::relay
