// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <stop_token>
#include <string_view>

#include "base/result.hpp"

namespace tocsin {

// Writes whole records to a descriptor that may take them in pieces, be full, or have a reader that
// never reads. A record that failed half way is continued by the next call with the same record.
class RecordWriter {
 public:
  // piece_max: most bytes given to one write(). A pipe that polls as ready takes PIPE_BUF bytes
  // without blocking, more perhaps not: so much for a descriptor whose mode is not ours to change.
  explicit RecordWriter(std::size_t piece_max) : piece_max_(piece_max) {}
  // Waits while the descriptor is full, until stop is requested: then kBusy.
  Result<void> write(int fd, std::string_view record, const std::stop_token& stop);
  // Bytes of the current record that are already out; 0 between records.
  [[nodiscard]] std::size_t offset() const { return offset_; }
  // The descriptor changed: the record begins again.
  void restart() { offset_ = 0; }

 private:
  std::size_t piece_max_;
  std::size_t offset_ = 0;
};

}  // namespace tocsin
