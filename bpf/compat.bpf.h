/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Every difference between kernels, each as a getter that says which version changed what. The test
 * is always whether the running kernel's BTF has the field; no program asks for a version.
 */
#ifndef TOCSIN_COMPAT_BPF_H
#define TOCSIN_COMPAT_BPF_H

#include "kernel_types.h"
#include "read.bpf.h"
#include "tocsin_wire.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* up to 6.5: struct timespec64 i_ctime; up to 6.6: i_mtime */
struct inode___old {
  struct {
    long long tv_sec;
    long tv_nsec;
  } i_ctime, i_mtime;
};

/* 6.6 to 6.10 (13bc24457850 "fs: rename i_ctime field to __i_ctime"); mtime from 6.7
 * (12cd44023651 "fs: rename inode i_atime and i_mtime fields") */
struct inode___renamed {
  struct {
    long long tv_sec;
    long tv_nsec;
  } __i_ctime, __i_mtime;
};

/* 6.11 (3aa63a569c64 "fs: switch timespec64 fields in inode to discrete integers") */
struct inode___split {
  long long i_ctime_sec;
  long long i_mtime_sec;
  __u32 i_ctime_nsec;
  __u32 i_mtime_nsec;
};

/* up to 6.17: number of a mount namespace, never given twice */
struct mnt_namespace___seq {
  __u64 seq;
};

/* 6.18: every namespace has such an id, in struct ns_common; in 7.2 one struct deeper */
struct ns_common___id {
  __u64 ns_id;
};

struct mnt_namespace___id {
  struct ns_common___id ns;
};

struct ns_tree___id {
  __u64 ns_id;
};

struct ns_common___tree {
  struct ns_tree___id ns_tree;
};

struct mnt_namespace___tree {
  struct ns_common___tree ns;
};

/* CONFIG_AUDIT only */
struct task_struct___audit {
  kuid_t loginuid;
  unsigned int sessionid;
};

/* 5.7 (d1e7fd6462ca "signal: Extend exec_id to 64bits"); CO-RE widens the older 32 bits */
struct task_struct___exec_id {
  __u64 self_exec_id;
};

#pragma clang attribute pop

/* 6.13 (4e40eff0b573 "fs: add infrastructure for multigrain timestamps") keeps "somebody asked for
 * this ctime" in the top bit of the nanoseconds. */
#define TW_CTIME_NSEC_MASK 0x7fffffffU

static __always_inline void tw_read_times(bool direct, struct inode* inode, struct tw_file* out) {
  struct inode___split* split = (void*)inode;
  struct inode___renamed* renamed = (void*)inode;
  struct inode___old* old = (void*)inode;

  if (bpf_core_field_exists(split->i_ctime_sec)) {
    out->ctime_s = TW_GET(direct, split, i_ctime_sec);
    out->ctime_ns = TW_GET(direct, split, i_ctime_nsec);
  } else if (bpf_core_field_exists(renamed->__i_ctime)) {
    out->ctime_s = TW_GET(direct, renamed, __i_ctime.tv_sec);
    out->ctime_ns = (tw_u32)TW_GET(direct, renamed, __i_ctime.tv_nsec);
  } else {
    out->ctime_s = TW_GET(direct, old, i_ctime.tv_sec);
    out->ctime_ns = (tw_u32)TW_GET(direct, old, i_ctime.tv_nsec);
  }
  out->ctime_ns &= TW_CTIME_NSEC_MASK;

  if (bpf_core_field_exists(split->i_mtime_sec)) {
    out->mtime_s = TW_GET(direct, split, i_mtime_sec);
    out->mtime_ns = TW_GET(direct, split, i_mtime_nsec);
  } else if (bpf_core_field_exists(renamed->__i_mtime)) {
    out->mtime_s = TW_GET(direct, renamed, __i_mtime.tv_sec);
    out->mtime_ns = (tw_u32)TW_GET(direct, renamed, __i_mtime.tv_nsec);
  } else {
    out->mtime_s = TW_GET(direct, old, i_mtime.tv_sec);
    out->mtime_ns = (tw_u32)TW_GET(direct, old, i_mtime.tv_nsec);
  }
}

/* 0 where the kernel has no unique id. */
static __always_inline tw_u64 tw_mnt_ns_id(bool direct, struct mnt_namespace* ns) {
  struct mnt_namespace___id* id = (void*)ns;
  struct mnt_namespace___tree* tree = (void*)ns;
  struct mnt_namespace___seq* seq = (void*)ns;

  if (bpf_core_field_exists(id->ns.ns_id)) return TW_GET(direct, id, ns.ns_id);
  if (bpf_core_field_exists(tree->ns.ns_tree.ns_id)) return TW_GET(direct, tree, ns.ns_tree.ns_id);
  if (bpf_core_field_exists(seq->seq)) return TW_GET(direct, seq, seq);
  return 0;
}

static __always_inline void tw_read_login(bool direct, struct task_struct* task,
                                          struct tw_exec* e) {
  struct task_struct___audit* audit = (void*)task;

  e->login_uid = 0xffffffff;
  e->session_id = 0xffffffff;
  if (bpf_core_field_exists(audit->loginuid)) {
    e->login_uid = TW_GET(direct, audit, loginuid.val);
    e->session_id = TW_GET(direct, audit, sessionid);
  }
}

static __always_inline tw_u64 tw_exec_id(bool direct, struct task_struct* task) {
  struct task_struct___exec_id* t = (void*)task;

  return TW_GET(direct, t, self_exec_id);
}

#endif
