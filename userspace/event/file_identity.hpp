// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

namespace tocsin {

// Identity of a file as the kernel event told it. Times are Unix nanoseconds. Two events about the
// same unchanged file carry equal identities; any write, chmod, rename or link changes ctime_ns.
struct FileIdentity {
  std::uint32_t dev = 0;  // kernel encoding of the superblock's device, see same_device()
  std::uint64_t ino = 0;
  std::uint64_t size = 0;
  std::int64_t ctime_ns = 0;
  std::int64_t mtime_ns = 0;
  std::uint32_t nlink = 0;
  std::uint32_t mode = 0;
  std::uint32_t generation = 0;
  std::uint32_t mount_id = 0;
  std::uint32_t owner_uid = 0;
  std::uint64_t fs_magic = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

}  // namespace tocsin
