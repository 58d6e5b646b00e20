/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* Builds the events of connects and of TCP connections, and remembers who opened which socket. */
#ifndef TOCSIN_SOCKET_BPF_H
#define TOCSIN_SOCKET_BPF_H

#include "emit.bpf.h"

#define TW_AF_INET 2
#define TW_AF_INET6 10
#define TW_IPPROTO_TCP 6
#define TW_SOCK_DGRAM 2
#define TW_SOCK_DONE 1 /* enum sock_flags: the peer's FIN was taken */
#define TW_ECONNABORTED 103

enum {
  TW_TCP_ESTABLISHED = 1,
  TW_TCP_SYN_SENT = 2,
  TW_TCP_SYN_RECV = 3,
  TW_TCP_CLOSE = 7,
  TW_TCP_LISTEN = 10
};

/* Who called connect, by socket cookie. Full: the longest unused goes, and the end of that
 * connection is not reported. sk_storage would be kinder, but tracing programs of 5.10 lack it. */
struct tw_owner {
  tw_u64 start_ns;
  tw_u64 cgroup_id;
  tw_u64 since_ns;
  tw_u32 pid;
  tw_u32 tid;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, tw_u64);
  __type(value, struct tw_owner);
} owners SEC(".maps");

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

static __always_inline void tw_put_v4(struct tw_endpoint* out, tw_u32 ip) {
  __builtin_memcpy(out->addr, &ip, sizeof(ip));
}

/* A v4-mapped address is stored as the IPv4 address that is meant. */
static __always_inline tw_u16 tw_put_v6(struct tw_endpoint* out, const tw_u32* ip) {
  if (ip[0] == 0 && ip[1] == 0 && ip[2] == __builtin_bswap32(0xffff)) {
    out->family = 4;
    tw_put_v4(out, ip[3]);
    return TW_CONNECT_MAPPED;
  }
  __builtin_memcpy(out->addr, ip, sizeof(out->addr));
  return 0;
}

/* Everything a connect event says about the acting task. */
static __always_inline void tw_fill_actor(struct tw_connect* e) {
  struct task_struct* task = (void*)bpf_get_current_task();

  tw_fill_header_current(&e->h, TW_CONNECT, sizeof(*e));
  e->uid = (tw_u32)bpf_get_current_uid_gid();
  __builtin_memset(e->pad, 0, sizeof(e->pad));
  bpf_core_read(e->comm, sizeof(e->comm), &task->comm);
}

static __always_inline void tw_remember_owner(const struct tw_connect* e) {
  struct tw_owner owner = {.start_ns = e->h.start_ns,
                           .cgroup_id = e->h.cgroup_id,
                           .since_ns = e->h.boot_ns,
                           .pid = e->h.pid,
                           .tid = e->h.tid};
  tw_u64 key = e->cookie;

  bpf_map_update_elem(&owners, &key, &owner, BPF_ANY);
}

/* The socket's own network namespace. The verifier forbids arithmetic on the socket pointer of a
 * cgroup program, so its value is taken through memory first. */
static __always_inline tw_u32 tw_net_ns_of(struct bpf_sock* socket) {
  struct sock* sk = NULL;

  bpf_probe_read_kernel(&sk, sizeof(sk), &socket);
  return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline void tw_emit_connect(struct bpf_sock_addr* ctx, tw_u64 cookie,
                                            const struct tw_endpoint* remote, tw_u16 flags) {
  struct tw_connect* e = tw_reserve(TW_CONNECT, sizeof(*e));

  if (!e) return;
  tw_fill_actor(e);
  e->cookie = cookie;
  e->remote = *remote;
  e->net_ns = tw_net_ns_of(ctx->sk);
  e->flags = flags;
  e->protocol = (tw_u8)ctx->protocol;
  if (ctx->protocol == TW_IPPROTO_TCP) tw_remember_owner(e);
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

static __always_inline void tw_read_endpoints(bool direct, struct sock* sk,
                                              struct tw_endpoint* local,
                                              struct tw_endpoint* remote) {
  tw_u16 family = TW_GET(direct, sk, __sk_common.skc_family);
  struct inet_sock* inet = (void*)sk;
  tw_u32 ip[4];

  __builtin_memset(local, 0, sizeof(*local));
  __builtin_memset(remote, 0, sizeof(*remote));
  local->port = BPF_CORE_READ(inet, inet_sport); /* skc_num is 0 already at the close */
  remote->port = TW_GET(direct, sk, __sk_common.skc_dport);
  if (family == TW_AF_INET) {
    local->family = remote->family = 4;
    tw_put_v4(local, TW_GET(direct, sk, __sk_common.skc_rcv_saddr));
    tw_put_v4(remote, TW_GET(direct, sk, __sk_common.skc_daddr));
    return;
  }
  local->family = remote->family = 6;
  bpf_core_read(ip, sizeof(ip), &sk->__sk_common.skc_v6_rcv_saddr);
  tw_put_v6(local, ip);
  bpf_core_read(ip, sizeof(ip), &sk->__sk_common.skc_v6_daddr);
  tw_put_v6(remote, ip);
}

static __always_inline void tw_fill_header_owner(struct tw_header* h, const struct tw_owner* owner,
                                                 tw_u16 kind, tw_u32 size) {
  h->size = size;
  h->kind = kind;
  h->version = TOCSIN_WIRE_VERSION;
  h->boot_ns = bpf_ktime_get_boot_ns();
  h->start_ns = owner->start_ns;
  h->pid = owner->pid;
  h->tid = owner->tid;
  h->cgroup_id = owner->cgroup_id;
}

/* Unique while the socket lives, and says nothing about where the kernel lies. */
static __always_inline tw_u64 tw_name_by_address(struct sock* sk) {
  tw_u64 address = 0;

  bpf_probe_read_kernel(&address, sizeof(address), &sk); /* no arithmetic on typed pointers */
  return (address ^ knobs.address_salt) * 0x9e3779b97f4a7c15ULL;
}

/* The owner's key: the socket's cookie, or its address where connects are seen without cookies. */
static __always_inline tw_u64 tw_socket_key(bool direct, struct sock* sk) {
  if (knobs.owner_by_address) return tw_name_by_address(sk);
  return (tw_u64)TW_GET(direct, sk, __sk_common.skc_cookie.counter);
}

/* Why a connect failed. A program that closes its own attempt leaves no error in the socket. */
static __always_inline int tw_connect_error(bool direct, struct sock* sk) {
  int error = TW_GET(direct, sk, sk_err);

  if (!error) error = TW_GET(direct, sk, sk_err_soft);
  return error ? error : TW_ECONNABORTED;
}

static __always_inline void tw_on_outcome(bool direct, struct sock* sk, int error) {
  tw_u64 key = tw_socket_key(direct, sk);
  struct tw_owner* owner = bpf_map_lookup_elem(&owners, &key);
  struct tw_connect_result* e;

  if (!owner) return;
  e = tw_reserve(TW_CONNECT_RESULT, sizeof(*e));
  if (e) {
    tw_fill_header_owner(&e->h, owner, TW_CONNECT_RESULT, sizeof(*e));
    e->cookie = key;
    tw_read_endpoints(direct, sk, &e->local, &e->remote);
    e->took_ns = e->h.boot_ns - owner->since_ns;
    e->error = error;
    e->pad = 0;
    tw_submit(&e->h, TW_LAZY);
  }
  if (error) bpf_map_delete_elem(&owners, &key);
}

/* bytes_sent counts payload with repeats; bytes_received counts the peer's FIN as one byte. */
static __always_inline void tw_on_close(bool direct, struct sock* sk) {
  tw_u64 key = tw_socket_key(direct, sk);
  struct tw_owner* owner = bpf_map_lookup_elem(&owners, &key);
  struct tcp_sock* tcp = (void*)sk;
  tw_u64 received;
  struct tw_close* e;

  if (!owner) return;
  e = tw_reserve(TW_CLOSE, sizeof(*e));
  if (e) {
    tw_fill_header_owner(&e->h, owner, TW_CLOSE, sizeof(*e));
    e->cookie = key;
    tw_read_endpoints(direct, sk, &e->local, &e->remote);
    e->bytes_out = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);
    received = BPF_CORE_READ(tcp, bytes_received);
    if (received && TW_GET(direct, sk, __sk_common.skc_flags) & (1UL << TW_SOCK_DONE)) received--;
    e->bytes_in = received;
    e->duration_ns = e->h.boot_ns - owner->since_ns;
    tw_submit(&e->h, TW_LAZY);
  }
  bpf_map_delete_elem(&owners, &key);
}

#endif
