/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * The kernel's own types, as far as the programs read them. CO-RE moves every access to where the
 * running kernel keeps the field, so only names and types matter here, not order or size; no build
 * needs the BTF of the machine that builds. Fields that changed between kernels are read in
 * compat.bpf.h and nowhere else.
 */
#ifndef TOCSIN_KERNEL_TYPES_H
#define TOCSIN_KERNEL_TYPES_H

/* libbpf's headers want the kernel's integer types before them. */
/* clang-format off */
#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
/* clang-format on */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* clang-format off */
typedef struct { __u32 val; } kuid_t;
typedef struct { __u32 val; } kgid_t;
typedef struct { int counter; } atomic_t;
typedef struct { long long counter; } atomic64_t;
typedef struct { struct net *net; } possible_net_t;
/* clang-format on */

/* Files ---------------------------------------------------------------------------------------- */
struct super_block {
  __u32 s_dev;
  unsigned long s_magic;
};

struct inode {
  unsigned short i_mode;
  kuid_t i_uid;
  struct super_block* i_sb;
  unsigned long i_ino;
  unsigned int i_nlink;
  __u32 i_rdev;
  long long i_size;
  __u32 i_generation;
  atomic_t i_writecount;
};

struct qstr {
  __u64 hash_len; /* length in the upper half */
  const unsigned char* name;
};

struct dentry {
  struct dentry* d_parent;
  struct qstr d_name;
  struct inode* d_inode;
};

struct vfsmount {
  struct dentry* mnt_root;
  int mnt_flags;
};

struct mount {
  struct mount* mnt_parent;
  struct dentry* mnt_mountpoint;
  struct vfsmount mnt;
  int mnt_id;
};

struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};

struct file {
  struct inode* f_inode;
  struct path f_path;
  void* private_data;
};

struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};

struct files_struct {
  struct fdtable* fdt;
};

struct fs_struct {
  struct path root;
  struct path pwd;
};

/* Namespaces ----------------------------------------------------------------------------------- */
/* clang-format off */
struct ns_common { unsigned int inum; };
struct mnt_namespace { struct ns_common ns; };
struct pid_namespace { struct ns_common ns; };
struct net { struct ns_common ns; };
/* clang-format on */

struct nsproxy {
  struct mnt_namespace* mnt_ns;
  struct net* net_ns;
};

struct upid {
  int nr;
  struct pid_namespace* ns;
};

struct pid {
  unsigned int level;
  struct upid numbers[1];
};

/* Control groups ------------------------------------------------------------------------------- */
struct kernfs_node {
  __u64 id;
};

struct cgroup_root {
  int hierarchy_id;
};

struct cgroup {
  struct kernfs_node* kn;
  struct cgroup_root* root;
};

struct css_set {
  struct cgroup* dfl_cgrp;
};

/* Processes ------------------------------------------------------------------------------------ */
struct cred {
  kuid_t uid;
  kgid_t gid;
  kuid_t euid;
  kgid_t egid;
};

struct tty_struct {
  char name[64];
};

struct signal_struct {
  atomic_t live;
  int group_exit_code;
  unsigned int flags;
  struct tty_struct* tty;
};

struct mm_struct {
  struct file* exe_file;
  unsigned long arg_start;
  unsigned long arg_end;
};

struct vm_area_struct {
  struct file* vm_file;
};

struct task_struct {
  struct {
    __u32 status; /* x86 */
  } thread_info;
  int exit_code;
  int pid;
  int tgid;
  struct mm_struct* mm;
  struct task_struct* real_parent;
  struct task_struct* group_leader;
  struct pid* thread_pid;
  __u64 start_boottime;
  struct cred* cred;
  struct fs_struct* fs;
  struct files_struct* files;
  struct nsproxy* nsproxy;
  struct signal_struct* signal;
  struct css_set* cgroups;
  char comm[16];
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long di, si, dx, r8, r10;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
  __u64 regs[31];
};
#endif

struct linux_binprm {
  unsigned long p;
  unsigned int secureexec : 1;
  struct file* file;
  int argc;
  const char* filename;
  const char* interp;
  const char* fdpath;
  unsigned long exec;
};

/* Sockets -------------------------------------------------------------------------------------- */
struct in6_addr {
  __u8 bytes[16];
};

struct sock_common {
  __u32 skc_daddr;
  __u32 skc_rcv_saddr;
  __u16 skc_dport;
  unsigned short skc_family;
  possible_net_t skc_net;
  struct in6_addr skc_v6_daddr;
  struct in6_addr skc_v6_rcv_saddr;
  atomic64_t skc_cookie;
  unsigned long skc_flags;
};

struct sock {
  struct sock_common __sk_common;
  int sk_err;
  int sk_err_soft;
  __u16 sk_protocol;
};

/* clang-format off */
struct socket { struct sock* sk; };
struct inet_sock { struct sock sk; __u16 inet_sport; };
struct inet_connection_sock { struct inet_sock icsk_inet; };
/* clang-format on */

struct tcp_sock {
  struct inet_connection_sock inet_conn;
  __u64 bytes_sent;
  __u64 bytes_retrans;
  __u64 bytes_received;
};

#pragma clang attribute pop

#endif
