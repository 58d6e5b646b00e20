// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "event/event.hpp"

namespace tocsin {

// What statx tells of an open descriptor. dev is in the kernel's encoding.
struct FileStat {
  FileIdentity file;  // generation and fs_magic are not known to statx and stay 0
  bool mount_id_known = false;
};

enum class StatSync : std::uint8_t {
  kFull,
  // Never asks a FUSE server or a remote host, so it cannot block; the values may be old there.
  kCached,
};

// Any descriptor, O_PATH ones too.
Result<FileStat> stat_fd(int fd, StatSync sync);

// major << 20 | minor, as s_dev has it.
std::uint32_t kernel_dev(std::uint32_t major, std::uint32_t minor);
bool same_device(std::uint32_t kernel_encoded, dev_t st_dev);
// No hardware behind it (tmpfs, overlay, btrfs, FUSE, …): the number is handed out again after the
// unmounting, and on btrfs and overlay st_dev is another than the superblock's.
constexpr bool is_anonymous_dev(std::uint32_t kernel_encoded) {
  return kernel_encoded >> 20 == 0;
}

enum class IdentityVerdict : std::uint8_t {
  kSame,
  // The same inode, size and modification time, one name less than at the event: removing a name
  // moves the change time. That its content is the same too needs proof from elsewhere.
  kUnlinkedSince,
  kNotRegular,
  kDifferent,
};

struct IdentityCheck {
  IdentityVerdict verdict = IdentityVerdict::kDifferent;
  std::string_view differs;  // first member that differs, for people: "size"
};

// Is this the file of the event? Inode number, size and change time (ns) must be equal, the device
// where it is comparable. The mount is not required: one file may be reached through many.
IdentityCheck check_identity(const FileIdentity& event, const FileStat& now);

// A change time is kept in steps of a timer tick (up to 10 ms): two writes within one leave equal
// identities behind. True when the file was changed so shortly before (or after) at_ns that content
// of that moment and content read later may differ under one identity.
bool changed_around(const FileIdentity& file, WallNs at_ns);
inline constexpr WallNs kTickDoubtNs = 20'000'000;

}  // namespace tocsin
