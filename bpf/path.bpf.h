/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Paths by a bounded walk over dentries and mounts, as the process itself would see them: inside
 * its root, across bind mounts and overlays. bpf_d_path is refused in these programs.
 *
 * The write offset lives in the record and is read back and bounded in each step: kept in a
 * register, it makes the verifier follow every value apart and give up.
 */
#ifndef TOCSIN_PATH_BPF_H
#define TOCSIN_PATH_BPF_H

#include "kernel_types.h"
#include "read.bpf.h"
#include "tocsin_wire.h"

#define TW_TMPFS_MAGIC 0x01021994
#define TW_MNT_INTERNAL 0x4000

struct tw_walk {
  struct dentry* dentry;
  struct vfsmount* mnt;
  struct dentry* root_dentry;
  struct vfsmount* root_mnt;
};

enum tw_walk_end {
  TW_WALK_ROOT = 0,        /* reached the process's root */
  TW_WALK_CUT = 1,         /* too deep */
  TW_WALK_FULL = 2,        /* no room in the record */
  TW_WALK_DISCONNECTED = 3 /* ended elsewhere: other root, no mount, kernel-internal file */
};

/* The part of a dentry that a step needs. */
struct tw_dentry_head {
  struct dentry* parent;
  struct qstr name;
};

/* One read instead of two where the fields lie side by side, which is everywhere so far. */
static __always_inline void tw_read_head(struct dentry* dentry, struct tw_dentry_head* head) {
  if (bpf_core_field_offset(struct dentry, d_name) ==
      bpf_core_field_offset(struct dentry, d_parent) + sizeof(void*)) {
    bpf_core_read(head, sizeof(*head), &dentry->d_parent);
  } else {
    bpf_core_read(&head->parent, sizeof(head->parent), &dentry->d_parent);
    bpf_core_read(&head->name, sizeof(head->name), &dentry->d_name);
  }
}

static __always_inline struct mount* tw_mount_of(struct vfsmount* mnt) {
  return (void*)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* Appends the components of w, leaf first and NUL-terminated, to data, of which *used bytes are in
 * use and cap exist. Both lie in the record. */
static __noinline int tw_append_path(char* data, tw_u32* used, const struct tw_walk* w,
                                     tw_u32 cap) {
  struct dentry* dentry = w->dentry;
  struct vfsmount* mnt = w->mnt;
  struct dentry* mnt_root = BPF_CORE_READ(mnt, mnt_root);

  for (int i = 0; i < TW_PATH_DEPTH_MAX; i++) {
    struct tw_dentry_head head;
    tw_u32 off, len;

    if (dentry == w->root_dentry && mnt == w->root_mnt) return TW_WALK_ROOT;
    if (dentry == mnt_root) {
      struct mount* m = tw_mount_of(mnt);
      struct mount* above = BPF_CORE_READ(m, mnt_parent);

      if (above == m || !above) return TW_WALK_DISCONNECTED;
      dentry = BPF_CORE_READ(m, mnt_mountpoint);
      mnt = (void*)above + bpf_core_field_offset(struct mount, mnt);
      mnt_root = BPF_CORE_READ(mnt, mnt_root);
      continue;
    }
    tw_read_head(dentry, &head);
    off = *(volatile tw_u32*)used;
    if (off > cap - TW_NAME_MAX) return TW_WALK_FULL;
    len = (head.name.hash_len >> 32) & (TW_NAME_MAX - 1);
    if (bpf_probe_read_kernel(data + off, len, head.name.name)) return TW_WALK_CUT;
    data[off + len] = 0;
    *used = off + len + 1;
    if (head.parent == dentry || !head.parent) return TW_WALK_DISCONNECTED;
    dentry = head.parent;
  }
  return TW_WALK_CUT;
}

#endif
