// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/file_identity_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "hash/file_systems.hpp"

namespace tocsin {
namespace {

constexpr std::uint32_t kMinorBits = 20;

std::int64_t to_ns(const struct statx_timestamp& t) {
  return t.tv_sec * kNsPerSecond + t.tv_nsec;
}

}  // namespace

std::uint32_t kernel_dev(std::uint32_t major, std::uint32_t minor) {
  return major << kMinorBits | (minor & ((1u << kMinorBits) - 1));
}

bool same_device(std::uint32_t kernel_encoded, dev_t st_dev) {
  return kernel_encoded == kernel_dev(major(st_dev), minor(st_dev));
}

Result<FileStat> stat_fd(int fd, StatSync sync) {
  struct statx sx {};
  const int flags =
      AT_EMPTY_PATH | (sync == StatSync::kCached ? AT_STATX_DONT_SYNC : AT_STATX_SYNC_AS_STAT);
  if (statx(fd, "", flags, STATX_BASIC_STATS | STATX_MNT_ID, &sx) != 0)
    return fail_errno("statx", errno);
  FileStat out;
  out.file.dev = kernel_dev(sx.stx_dev_major, sx.stx_dev_minor);
  out.file.ino = sx.stx_ino;
  out.file.size = sx.stx_size;
  out.file.ctime_ns = to_ns(sx.stx_ctime);
  out.file.mtime_ns = to_ns(sx.stx_mtime);
  out.file.nlink = sx.stx_nlink;
  out.file.mode = sx.stx_mode;
  out.file.owner_uid = sx.stx_uid;
  out.mount_id_known = (sx.stx_mask & STATX_MNT_ID) != 0;
  if (out.mount_id_known) out.file.mount_id = static_cast<std::uint32_t>(sx.stx_mnt_id);
  return out;
}

IdentityCheck check_identity(const FileIdentity& event, const FileStat& now) {
  const auto& file = now.file;
  if (!S_ISREG(file.mode)) return {IdentityVerdict::kNotRegular, "type"};
  if (file.ino != event.ino) return {IdentityVerdict::kDifferent, "inode"};
  if (fs_magic::device_comparable(event.fs_magic) && file.dev != event.dev)
    return {IdentityVerdict::kDifferent, "device"};
  if (file.size != event.size) return {IdentityVerdict::kDifferent, "size"};
  if (file.ctime_ns == event.ctime_ns) return {IdentityVerdict::kSame, {}};
  if (file.mtime_ns != event.mtime_ns) return {IdentityVerdict::kDifferent, "modification time"};
  if (file.nlink < event.nlink && file.ctime_ns > event.ctime_ns)
    return {IdentityVerdict::kUnlinkedSince, "change time"};
  return {IdentityVerdict::kDifferent, "change time"};
}

bool changed_around(const FileIdentity& file, WallNs at_ns) {
  return file.ctime_ns > at_ns - kTickDoubtNs && file.ctime_ns < at_ns + kTickDoubtNs;
}

}  // namespace tocsin
