// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>

#include "base/fd.hpp"
#include "base/process_id.hpp"

namespace tocsin {

// The folder /proc/PID, held open: it goes on meaning that process, never a later one with its id.
// Nothing here opens a file of a file system other than procfs, so nothing blocks.
class ProcessDir {
 public:
  // nullopt: no such process, or its start is not the one given (start_ns 0: any).
  static std::optional<ProcessDir> open(const ProcessId& id);

  // O_PATH; none when the process is gone (errno tells).
  [[nodiscard]] Fd exe() const;
  [[nodiscard]] Fd root() const;
  // Inode number of the mount namespace; 0 when it may not be known.
  [[nodiscard]] std::uint32_t mnt_ns() const;

 private:
  explicit ProcessDir(Fd dir) : dir_(std::move(dir)) {}
  Fd dir_;
};

// Is the process still there and still running the inode dev/ino (kernel encoding, as a stat of it
// tells)? While it does, the kernel refuses to open that inode for writing.
bool still_runs(const ProcessId& id, std::uint32_t dev, std::uint64_t ino);

}  // namespace tocsin
