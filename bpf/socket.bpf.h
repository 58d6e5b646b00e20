/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* Builds the events of connects and of first datagrams to a peer. */
#ifndef TOCSIN_SOCKET_BPF_H
#define TOCSIN_SOCKET_BPF_H

#include "owner.bpf.h"
#include "respond.bpf.h"

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

/* A single-threaded process is its own leader, which saves a probe. A plain load costs nothing, and
 * one of 6.2's verifiers wants the pointer to be of one kind on all paths. */
static __always_inline tw_u64 tw_start_of(bool direct, struct task_struct* task, bool leads) {
  struct task_struct* leader = leads && !direct ? task : TW_GET(direct, task, group_leader);

  return TW_GET(direct, leader, start_boottime);
}

/* The acting task as the owner of a socket. */
static __always_inline void tw_current_owner(struct tw_owner* owner) {
  tw_u64 id = bpf_get_current_pid_tgid();
  bool leads;

  owner->pid = (tw_u32)(id >> 32);
  owner->tid = (tw_u32)id;
  leads = owner->pid == owner->tid;
  owner->start_ns = knobs.typed_task ? tw_start_of(true, bpf_get_current_task_btf(), leads)
                                     : tw_start_of(false, (void*)bpf_get_current_task(), leads);
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

/* A connect, or the first datagram to a peer, however it was seen. */
struct tw_contact {
  struct tw_name name;
  const struct tw_endpoint* remote;
  tw_u32 net_ns;
  tw_u16 flags; /* enum tw_connect_flags */
  tw_u8 protocol;
};

static __always_inline void tw_remember_socket(const struct tw_contact* c,
                                               const struct tw_owner* owner) {
  struct tw_entry e = tw_claim_socket(&c->name);

  if (!e.socket) return;
  *e.since_ns = owner->since_ns;
  e.socket->owner = *owner;
  e.socket->net_ns = c->net_ns;
  e.socket->hello = TW_HELLO_AWAITED;
  if (c->remote->port == TW_PORT_DNS) e.socket->asks_dns = 1;
  tw_settle(&e, c->name.key);
}

/* The owner is remembered even when the ring has no room for the event, unless nothing comes of the
 * contact: then no end would be told either. */
static __always_inline void tw_tell_contact(struct tw_contact* c) {
  struct tw_owner owner;
  struct tw_connect* e;

  tw_current_owner(&owner);
  c->name.stream = c->protocol == TW_IPPROTO_TCP;
  if (!(c->flags & TW_CONNECT_DENIED)) tw_remember_socket(c, &owner);
  e = tw_reserve(TW_CONNECT, sizeof(*e));
  if (!e) return;
  tw_fill_actor(e, &owner);
  e->cookie = c->name.key;
  e->remote = *c->remote;
  e->net_ns = c->net_ns;
  e->flags = c->flags;
  e->protocol = c->protocol;
  tw_submit(&e->h, TW_PROMPT);
}

static __always_inline tw_u32 tw_net_ns_of(struct bpf_sock* sk) {
  struct tcp_sock* tcp = knobs.typed_socket ? bpf_skc_to_tcp_sock(sk) : NULL;

  if (tcp) return tcp->inet_conn.icsk_inet.sk.__sk_common.skc_net.net->ns.inum;
  return tw_net_ns_at(tw_address_of(sk)); /* of another protocol */
}

static __always_inline void tw_emit_connect(struct bpf_sock_addr* ctx, tw_u64 cookie,
                                            const struct tw_endpoint* remote, tw_u16 flags) {
  struct tw_contact c = {.name = {.address = tw_place_of(ctx->sk), .key = cookie},
                         .remote = remote,
                         .flags = flags,
                         .protocol = (tw_u8)ctx->protocol};

  c.net_ns = tw_net_ns_of(ctx->sk);
  tw_tell_contact(&c);
}

/* What the programs return: 0 makes the system call fail with EPERM. */
#define TW_ALLOW 1
#define TW_REFUSE 0

static __always_inline int tw_on_connect(struct bpf_sock_addr* ctx,
                                         const struct tw_endpoint* remote, tw_u16 flags) {
  flags |= tw_judge_contact(remote);
  tw_emit_connect(ctx, bpf_get_socket_cookie(ctx), remote, flags);
  return flags & TW_CONNECT_DENIED ? TW_REFUSE : TW_ALLOW;
}

static __always_inline int tw_on_datagram(struct bpf_sock_addr* ctx,
                                          const struct tw_endpoint* remote, tw_u16 flags) {
  struct tw_peer_key key = {.cookie = bpf_get_socket_cookie(ctx), .remote = *remote};
  tw_u64 now = bpf_ktime_get_boot_ns();
  tw_u64* last;
  int answer;

  flags |= tw_judge_contact(remote) | TW_CONNECT_DATAGRAM;
  answer = flags & TW_CONNECT_DENIED ? TW_REFUSE : TW_ALLOW;
  key.remote.pad[0] = answer; /* the first refused one is news, whoever was told of before */
  last = bpf_map_lookup_elem(&datagram_peers, &key);
  if (last && now - *last < knobs.datagram_gap_ns) {
    tw_count_skipped(TW_CONNECT);
    return answer;
  }
  bpf_map_update_elem(&datagram_peers, &key, &now, BPF_ANY);
  tw_emit_connect(ctx, key.cookie, remote, flags);
  return answer;
}

#endif
