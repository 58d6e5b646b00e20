// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

// What can be expected of a file system, by its superblock's magic (statfs(2)).
namespace tocsin::fs_magic {

inline constexpr std::uint64_t kExt4 = 0xEF53;
inline constexpr std::uint64_t kXfs = 0x58465342;
inline constexpr std::uint64_t kTmpfs = 0x01021994;
inline constexpr std::uint64_t kRamfs = 0x858458F6;
inline constexpr std::uint64_t kHugetlbfs = 0x958458F6;  // memfd with huge pages
inline constexpr std::uint64_t kBtrfs = 0x9123683E;
inline constexpr std::uint64_t kOverlay = 0x794C7630;
inline constexpr std::uint64_t kFuse = 0x65735546;
inline constexpr std::uint64_t kNfs = 0x6969;

// The device of the event and st_dev are the same thing. On btrfs st_dev is the subvolume's, on
// overlay it may be the layer's.
constexpr bool device_comparable(std::uint64_t magic) {
  return magic != kBtrfs && magic != kOverlay;
}

// Opening or reading waits for local storage only, never for another process or host. Anything not
// listed is doubted, overlay too: a layer of it may be FUSE.
constexpr bool is_local(std::uint64_t magic) {
  switch (magic) {
    case kExt4:
    case kXfs:
    case kTmpfs:
    case kBtrfs:
    case kRamfs:
    case kHugetlbfs:
    case 0xF2F52010:  // f2fs
    case 0xCA451A4E:  // bcachefs
    case 0x2FC12FC1:  // zfs
    case 0x73717368:  // squashfs
    case 0xE0F5E1E2:  // erofs
    case 0x9660:      // iso9660
    case 0x4D44:      // vfat
    case 0x2011BAB0:  // exfat
      return true;
    default:
      return false;
  }
}

// Kept in memory pages only: see MmapTimesProbe about their change time.
constexpr bool is_memory(std::uint64_t magic) {
  return magic == kTmpfs || magic == kRamfs || magic == kHugetlbfs;
}

// Equal identity means equal content: the kernel itself keeps the change time. Somebody else does
// on FUSE and network file systems (and an unknown one may be like them): what they show may differ
// from read to read, so nothing about them is remembered.
// Overlay is trusted although a layer of it may be FUSE: nothing in the event tells the layers. Who
// can make such a mount fools only lookups of its own mount namespace (see HashKey::scope).
constexpr bool identity_trusted(std::uint64_t magic) {
  return is_local(magic) || magic == kOverlay;
}

// The kernel's own view of a file may be older than the file: an overlay's inode keeps size and
// times of a layer's file that was changed behind its back. Equal identity counts only once the
// file was opened and shows the same.
constexpr bool identity_may_be_stale(std::uint64_t magic) {
  return magic == kOverlay;
}

}  // namespace tocsin::fs_magic
