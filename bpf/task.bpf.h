/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* What an exec event says about the process: ids, terminal, namespaces, standard streams. */
#ifndef TOCSIN_TASK_BPF_H
#define TOCSIN_TASK_BPF_H

#include "compat.bpf.h"
#include "family.bpf.h"

#define TW_MODE_TYPE 0170000
#define TW_MODE_FIFO 0010000
#define TW_MODE_CHAR 0020000
#define TW_MODE_REGULAR 0100000
#define TW_MODE_SOCKET 0140000

/* A shell on a network socket is talked to from outside; on a pair of local ones by its parent. */
static __always_inline tw_u8 tw_socket_of(struct file* file) {
  struct socket* socket = BPF_CORE_READ(file, private_data); /* NULL of one opened by its path */
  tw_u16 family = BPF_CORE_READ(socket, sk, __sk_common.skc_family);

  if (family == TW_AF_INET || family == TW_AF_INET6) return TW_STDIO_INET_SOCKET;
  return family == TW_AF_UNIX ? TW_STDIO_UNIX_SOCKET : TW_STDIO_SOCKET;
}

static __always_inline tw_u8 tw_stdio_of(struct file* file) {
  struct inode* inode;
  tw_u32 mode, major, minor;

  if (!file) return TW_STDIO_CLOSED;
  inode = BPF_CORE_READ(file, f_inode);
  mode = BPF_CORE_READ(inode, i_mode) & TW_MODE_TYPE;
  if (mode == TW_MODE_SOCKET) return tw_socket_of(file);
  if (mode == TW_MODE_FIFO) return TW_STDIO_PIPE;
  if (mode == TW_MODE_REGULAR) return TW_STDIO_FILE;
  if (mode != TW_MODE_CHAR) return TW_STDIO_OTHER;
  major = BPF_CORE_READ(inode, i_rdev) >> 20;
  minor = BPF_CORE_READ(inode, i_rdev) & 0xfffff;
  if (major == 1 && minor == 3) return TW_STDIO_NULL;
  if (major >= 136 && major <= 143) return TW_STDIO_PTY; /* Documentation/admin-guide/devices.txt */
  return TW_STDIO_OTHER;
}

static __always_inline void tw_read_stdio(bool direct, struct task_struct* task,
                                          struct tw_exec* e) {
  struct files_struct* open_files = TW_GET(direct, task, files);
  struct fdtable* fdt = TW_GET(direct, open_files, fdt);
  struct file** table = fdt ? TW_GET(direct, fdt, fd) : NULL;
  struct file* files[3] = {}; /* a table never has fewer than 64 slots */

  e->stdio[0] = e->stdio[1] = e->stdio[2] = TW_STDIO_UNKNOWN;
  e->pad = 0;
  if (bpf_probe_read_kernel(files, sizeof(files), table)) return;
  e->stdio[0] = tw_stdio_of(files[0]);
  e->stdio[1] = files[1] == files[0] ? e->stdio[0] : tw_stdio_of(files[1]);
  e->stdio[2] = files[2] == files[1] ? e->stdio[1] : tw_stdio_of(files[2]);
}

static __always_inline void tw_read_namespaces(bool direct, struct task_struct* task,
                                               struct tw_exec* e) {
  struct nsproxy* ns = TW_GET(direct, task, nsproxy);
  struct mnt_namespace* mnt_ns = TW_GET(direct, ns, mnt_ns);
  struct net* net_ns = TW_GET(direct, ns, net_ns);
  struct pid* pid = TW_GET(direct, task, thread_pid);
  tw_u32 level = TW_GET(direct, pid, level);
  struct pid_namespace* pid_ns;
  struct upid upid = {};

  e->mnt_ns = TW_GET(direct, mnt_ns, ns.inum);
  e->mnt_ns_id = tw_mnt_ns_id(direct, mnt_ns);
  if (!e->mnt_ns_id) e->mnt_ns_id = e->mnt_ns;
  e->net_ns = TW_GET(direct, net_ns, ns.inum);
  bpf_probe_read_kernel(&upid, sizeof(upid),
                        (void*)pid + bpf_core_field_offset(struct pid, numbers) +
                            level * bpf_core_type_size(struct upid));
  pid_ns = upid.ns;
  e->pid_ns = BPF_CORE_READ(pid_ns, ns.inum);
  e->ns_pid = (tw_u32)upid.nr;
}

static __always_inline void tw_read_ids(bool direct, struct task_struct* task, struct tw_exec* e) {
  struct cred* cred = TW_GET(direct, task, cred);
  struct signal_struct* signal = TW_GET(direct, task, signal);
  struct tty_struct* tty = TW_GET(direct, signal, tty);

  e->uid = e->gid = e->euid = e->egid = 0xffffffff;
  if (cred) {
    e->uid = TW_GET(direct, cred, uid.val);
    e->gid = TW_GET(direct, cred, gid.val);
    e->euid = TW_GET(direct, cred, euid.val);
    e->egid = TW_GET(direct, cred, egid.val);
  }
  tw_read_login(direct, task, e);
  __builtin_memset(e->tty, 0, sizeof(e->tty));
  if (tty) bpf_core_read_str(e->tty, sizeof(e->tty), &tty->name);
  bpf_core_read(e->comm, sizeof(e->comm), &task->comm);
}

#endif
