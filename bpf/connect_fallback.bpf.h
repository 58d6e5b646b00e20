/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* Connects where no cgroup program can be attached: from the LSM hook, or from the system call. */
#ifndef TOCSIN_CONNECT_FALLBACK_BPF_H
#define TOCSIN_CONNECT_FALLBACK_BPF_H

#include "outcome.bpf.h"
#include "socket.bpf.h"
#include "syscall.bpf.h"

#define TW_MODE_TYPE 0170000
#define TW_MODE_SOCKET 0140000

/* sockaddr_in and sockaddr_in6 in one, as they lie in memory. */
struct tw_sockaddr {
  tw_u16 family;
  tw_u16 port;
  tw_u32 ip4; /* v6: flow label */
  tw_u32 ip6[4];
};

static __always_inline void tw_connect_by_address(struct sock* sk, const struct tw_sockaddr* to) {
  struct tw_endpoint remote = {.family = 4, .port = to->port};
  struct tw_contact c = {.name = {.address = tw_address_of(sk)}, .remote = &remote};

  if (to->family == TW_AF_INET) {
    tw_put_v4(&remote, to->ip4);
  } else if (to->family == TW_AF_INET6) {
    remote.family = 6;
    c.flags = tw_put_v6(&remote, to->ip6);
  } else {
    return;
  }
  c.name.key = tw_salted(c.name.address);
  c.net_ns = tw_net_ns_at(c.name.address);
  c.protocol = (tw_u8)BPF_CORE_READ(sk, sk_protocol);
  tw_tell_contact(&c);
}

/* NULL when fd is no socket. */
static __always_inline struct sock* tw_sock_of_fd(struct task_struct* task, tw_u32 fd) {
  struct file* file = tw_file_of_fd(task, fd);
  struct socket* socket;

  if (!file) return NULL;
  if ((BPF_CORE_READ(file, f_inode, i_mode) & TW_MODE_TYPE) != TW_MODE_SOCKET) return NULL;
  socket = BPF_CORE_READ(file, private_data);
  return BPF_CORE_READ(socket, sk);
}

#endif
