/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* Builds the events of connects and of first datagrams to a peer. */
#ifndef TOCSIN_SOCKET_BPF_H
#define TOCSIN_SOCKET_BPF_H

#include "owner.bpf.h"

struct tw_peer_key {
  tw_u64 cookie;
  struct tw_endpoint remote;
};

/* When a datagram peer was last reported. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct tw_peer_key);
  __type(value, tw_u64);
} datagram_peers SEC(".maps");

/* The acting task as the owner of a socket. A single-threaded process is its own leader, which
 * saves a read. */
static __always_inline void tw_current_owner(struct tw_owner* owner, struct task_struct* task) {
  tw_u64 id = bpf_get_current_pid_tgid();
  struct task_struct* leader = task;

  owner->pid = (tw_u32)(id >> 32);
  owner->tid = (tw_u32)id;
  if (owner->pid != owner->tid) leader = BPF_CORE_READ(task, group_leader);
  owner->start_ns = BPF_CORE_READ(leader, start_boottime);
  owner->cgroup_id = bpf_get_current_cgroup_id();
  owner->since_ns = bpf_ktime_get_boot_ns();
}

/* Everything a connect event says about the acting task. */
static __always_inline void tw_fill_actor(struct tw_connect* e, const struct tw_owner* owner) {
  e->h.size = sizeof(*e);
  e->h.kind = TW_CONNECT;
  e->h.version = TOCSIN_WIRE_VERSION;
  e->h.boot_ns = owner->since_ns;
  e->h.start_ns = owner->start_ns;
  e->h.pid = owner->pid;
  e->h.tid = owner->tid;
  e->h.cgroup_id = owner->cgroup_id;
  e->uid = (tw_u32)bpf_get_current_uid_gid();
  __builtin_memset(e->pad, 0, sizeof(e->pad));
  bpf_get_current_comm(e->comm, sizeof(e->comm));
}

/* Without memory for it the socket's packets stay unowned, and are counted as such. */
static __always_inline void tw_remember_socket(struct bpf_sock_addr* ctx,
                                               const struct tw_owner* owner, tw_u32 net_ns,
                                               tw_u16 port) {
  struct tw_socket* s = bpf_sk_storage_get(&sockets, ctx->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);

  if (!s) return;
  s->owner = *owner;
  s->net_ns = net_ns;
  if (port == TW_PORT_DNS) s->asks_dns = 1;
  if (ctx->protocol == TW_IPPROTO_TCP) {
    s->attempt = TW_ATTEMPT_MADE;
    s->hello = TW_HELLO_AWAITED;
    s->segments = 0;
  }
}

static __always_inline void tw_emit_connect(struct bpf_sock_addr* ctx, tw_u64 cookie,
                                            const struct tw_endpoint* remote, tw_u16 flags) {
  tw_u32 net_ns = tw_net_ns_of(ctx->sk);
  struct tw_owner owner;
  struct tw_connect* e;

  tw_current_owner(&owner, (void*)bpf_get_current_task());
  tw_remember_socket(ctx, &owner, net_ns, remote->port);
  if (knobs.owner_map && ctx->protocol == TW_IPPROTO_TCP)
    bpf_map_update_elem(&owners, &cookie, &owner, BPF_ANY);
  e = tw_reserve(TW_CONNECT, sizeof(*e));
  if (!e) return;
  tw_fill_actor(e, &owner);
  e->cookie = cookie;
  e->remote = *remote;
  e->net_ns = net_ns;
  e->flags = flags;
  e->protocol = (tw_u8)ctx->protocol;
  tw_submit(&e->h, TW_PROMPT);
}

static __always_inline void tw_on_connect(struct bpf_sock_addr* ctx,
                                          const struct tw_endpoint* remote, tw_u16 flags) {
  tw_emit_connect(ctx, bpf_get_socket_cookie(ctx), remote, flags);
}

static __always_inline void tw_on_datagram(struct bpf_sock_addr* ctx,
                                           const struct tw_endpoint* remote, tw_u16 flags) {
  struct tw_peer_key key = {.cookie = bpf_get_socket_cookie(ctx), .remote = *remote};
  tw_u64 now = bpf_ktime_get_boot_ns();
  tw_u64* last = bpf_map_lookup_elem(&datagram_peers, &key);

  if (last && now - *last < knobs.datagram_gap_ns) {
    tw_count_skipped(TW_CONNECT);
    return;
  }
  bpf_map_update_elem(&datagram_peers, &key, &now, BPF_ANY);
  tw_emit_connect(ctx, key.cookie, remote, flags | TW_CONNECT_DATAGRAM);
}

#endif
