// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright 2026 The tocsin authors
// Connects, first datagrams to a peer, and what became of TCP connections. The cgroup programs hang
// at the root of the unified hierarchy, below the system call: io_uring, every network namespace
// and every child group pass here. They refuse only what respond.bpf.h says is denied.

#include "connect_fallback.bpf.h"
#include "emit.bpf.h"
#include "kernel_types.h"
#include "outcome.bpf.h"
#include "socket.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr* ctx) {
  struct tw_endpoint remote = {.family = 4, .port = (tw_u16)ctx->user_port};

  tw_put_v4(&remote, ctx->user_ip4);
  return tw_on_connect(ctx, &remote, 0);
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr* ctx) {
  struct tw_endpoint remote = {.family = 6, .port = (tw_u16)ctx->user_port};
  tw_u32 ip6[4] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};
  tw_u16 mapped = tw_put_v6(&remote, ip6);

  return tw_on_connect(ctx, &remote, mapped);
}

// A v6 socket that sends to a v4-mapped address arrives here too.
SEC("cgroup/sendmsg4")
int sendmsg4(struct bpf_sock_addr* ctx) {
  struct tw_endpoint remote = {.family = 4, .port = (tw_u16)ctx->user_port};

  tw_put_v4(&remote, ctx->user_ip4);
  return tw_on_datagram(ctx, &remote, ctx->family == TW_AF_INET6 ? TW_CONNECT_MAPPED : 0);
}

SEC("cgroup/sendmsg6")
int sendmsg6(struct bpf_sock_addr* ctx) {
  struct tw_endpoint remote = {.family = 6, .port = (tw_u16)ctx->user_port};
  tw_u32 ip6[4] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};
  tw_u16 mapped = tw_put_v6(&remote, ip6);

  return tw_on_datagram(ctx, &remote, mapped);
}

SEC("lsm/socket_connect")
int BPF_PROG(connect_lsm, struct socket* socket, void* address, int length) {
  struct tw_sockaddr to = {};
  struct sock* sk = socket->sk;

  if (TW_IS_NULL(sk) || bpf_probe_read_kernel(&to, sizeof(to), address)) return 0;
  tw_connect_by_address(sk, &to);
  return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(connect_syscall, struct pt_regs* regs, long id) {
  struct task_struct* task;
  struct tw_sockaddr to = {};
  struct sock* sk;

  if (id != TW_SYS_CONNECT) return 0;
  task = (void*)bpf_get_current_task();
  if (tw_is_compat(task)) return 0;
  sk = tw_sock_of_fd(task, (tw_u32)TW_SYSCALL_ARG0(regs));
  if (!sk) return 0;
  // A short sockaddr_in may end at the end of a page: its 16 bytes will do.
  if (bpf_probe_read_user(&to, sizeof(to), (void*)TW_SYSCALL_ARG1(regs)) &&
      bpf_probe_read_user(&to, 16, (void*)TW_SYSCALL_ARG1(regs))) {
    tw_count_lost(TW_CONNECT);
    return 0;
  }
  tw_connect_by_address(sk, &to);
  return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_btf, struct sock* sk, int from, int to) {
  return tw_on_state(true, sk, from, to);
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(state_raw, struct sock* sk, int from, int to) {
  return tw_on_state(false, sk, from, to);
}
