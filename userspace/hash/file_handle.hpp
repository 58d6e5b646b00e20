// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "base/fd.hpp"
#include "event/event.hpp"

namespace tocsin {

// Can a file handle be made from what the event tells? ext4, xfs and tmpfs only: btrfs needs the
// subvolume's id, overlay offers no handles. tmpfs finds only inodes of which somebody had asked
// for a handle before (NFS export, fanotify), so there it rarely helps.
bool has_file_handle(const FileIdentity& file);

// Opens (O_PATH) the inode of that number and generation, without any name: works as long as the
// inode lives. mount_dir: a directory of the same file system, opened for reading. None with errno
// set: ESTALE when the inode is gone, EPERM without CAP_DAC_READ_SEARCH.
Fd open_by_handle(int mount_dir, const FileIdentity& file);

}  // namespace tocsin
