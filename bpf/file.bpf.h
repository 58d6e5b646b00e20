/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* Which file is executed, and whether its like was executed lately. */
#ifndef TOCSIN_FILE_BPF_H
#define TOCSIN_FILE_BPF_H

#include "compat.bpf.h"
#include "path.bpf.h"

/* File identities executed lately. What is not here is new to the reader, too, or long ago. */
struct tw_seen_key {
  tw_u64 ino;
  tw_u64 size;
  tw_s64 ctime_s;
  tw_u32 ctime_ns;
  tw_u32 dev;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct tw_seen_key);
  __type(value, tw_u8);
} seen_files SEC(".maps");

static __always_inline void tw_read_file(bool direct, struct file* file, struct tw_file* out) {
  struct inode* inode = TW_GET(direct, file, f_inode);
  struct super_block* sb = TW_GET(direct, inode, i_sb);
  struct mount* mount = tw_mount_of((void*)TW_GET(false, file, f_path.mnt));

  out->ino = TW_GET(direct, inode, i_ino);
  out->size = (tw_u64)TW_GET(direct, inode, i_size);
  tw_read_times(direct, inode, out);
  out->dev = TW_GET(direct, sb, s_dev);
  out->nlink = TW_GET(direct, inode, i_nlink);
  out->mode = TW_GET(direct, inode, i_mode);
  out->generation = TW_GET(direct, inode, i_generation);
  out->mount_id = (tw_u32)BPF_CORE_READ(mount, mnt_id);
  out->owner_uid = TW_GET(direct, inode, i_uid.val);
  out->fs_magic = TW_GET(direct, sb, s_magic);
}

/* A file without a name in a mount that only the kernel has. */
static __always_inline bool tw_is_memfd(struct file* file, const struct tw_file* id) {
  return id->nlink == 0 && id->fs_magic == TW_TMPFS_MAGIC &&
         BPF_CORE_READ(file, f_path.mnt, mnt_flags) & TW_MNT_INTERNAL;
}

static __always_inline bool tw_first_seen(const struct tw_file* id) {
  struct tw_seen_key key = {
      .ino = id->ino,
      .size = id->size,
      .ctime_s = id->ctime_s,
      .ctime_ns = id->ctime_ns,
      .dev = id->dev,
  };
  tw_u8 one = 1;

  if (bpf_map_lookup_elem(&seen_files, &key)) return false;
  bpf_map_update_elem(&seen_files, &key, &one, BPF_ANY);
  return true;
}

#endif
