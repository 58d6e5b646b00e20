/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * What became of a TCP connection: outcome and end. Runs in whatever context the last packet came
 * in: the current task means nothing here. Where the owner is found is a constant of each program.
 */
#ifndef TOCSIN_OUTCOME_BPF_H
#define TOCSIN_OUTCOME_BPF_H

#include "owner.bpf.h"

#define TW_SOCK_DONE 1 /* enum sock_flags: the peer's FIN was taken */
#define TW_ECONNABORTED 103

enum {
  TW_TCP_ESTABLISHED = 1,
  TW_TCP_SYN_SENT = 2,
  TW_TCP_SYN_RECV = 3,
  TW_TCP_CLOSE = 7,
  TW_TCP_LISTEN = 10
};

enum tw_owner_place {
  TW_IN_STORAGE, /* typed socket pointer, socket storage */
  TW_IN_MAP,     /* typed socket pointer, map */
  TW_IN_MAP_RAW  /* untyped */
};

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

static __always_inline void tw_read_endpoints(bool direct, struct tcp_sock* tcp,
                                              struct tw_endpoint* local,
                                              struct tw_endpoint* remote) {
  struct inet_sock* inet = &tcp->inet_conn.icsk_inet;
  struct sock* sk = &inet->sk;
  tw_u16 family = TW_GET(direct, sk, __sk_common.skc_family);
  tw_u32 ip[4];

  __builtin_memset(local, 0, sizeof(*local));
  __builtin_memset(remote, 0, sizeof(*remote));
  local->port = TW_GET(direct, inet, inet_sport); /* skc_num is 0 already at the close */
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

static __always_inline void tw_emit_result(bool direct, struct tcp_sock* tcp,
                                           const struct tw_owner* owner, int error) {
  struct tw_connect_result* e = tw_reserve(TW_CONNECT_RESULT, sizeof(*e));

  if (!e) return;
  tw_fill_header_owner(&e->h, owner, TW_CONNECT_RESULT, sizeof(*e));
  e->cookie = tw_socket_key(direct, &tcp->inet_conn.icsk_inet.sk);
  tw_read_endpoints(direct, tcp, &e->local, &e->remote);
  e->took_ns = e->h.boot_ns - owner->since_ns;
  e->error = error;
  e->pad = 0;
  tw_submit(&e->h, TW_LAZY);
}

/* bytes_sent counts payload with repeats; bytes_received counts the peer's FIN as one byte. */
static __always_inline void tw_emit_close(bool direct, struct tcp_sock* tcp,
                                          const struct tw_owner* owner) {
  struct tw_close* e = tw_reserve(TW_CLOSE, sizeof(*e));
  struct sock* sk = &tcp->inet_conn.icsk_inet.sk;
  tw_u64 received;

  if (!e) return;
  tw_fill_header_owner(&e->h, owner, TW_CLOSE, sizeof(*e));
  e->cookie = tw_socket_key(direct, sk);
  tw_read_endpoints(direct, tcp, &e->local, &e->remote);
  e->bytes_out = TW_GET(direct, tcp, bytes_sent) - TW_GET(direct, tcp, bytes_retrans);
  received = TW_GET(direct, tcp, bytes_received);
  if (received && TW_GET(direct, sk, __sk_common.skc_flags) & (1UL << TW_SOCK_DONE)) received--;
  e->bytes_in = received;
  e->duration_ns = e->h.boot_ns - owner->since_ns;
  tw_submit(&e->h, TW_LAZY);
}

static __always_inline void tw_tell(bool direct, struct tcp_sock* tcp, struct tw_owner* owner,
                                    int from, int to) {
  if (to == TW_TCP_ESTABLISHED)
    tw_emit_result(direct, tcp, owner, 0);
  else if (from == TW_TCP_SYN_SENT)
    tw_emit_result(direct, tcp, owner, tw_connect_error(direct, &tcp->inet_conn.icsk_inet.sk));
  else
    tw_emit_close(direct, tcp, owner);
}

static __always_inline void tw_tell_by_storage(struct sock* sk, int from, int to) {
  struct tw_socket* s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
  struct tcp_sock* tcp;

  if (!s || s->attempt == TW_ATTEMPT_NONE) return;
  s->attempt = to == TW_TCP_ESTABLISHED ? TW_ATTEMPT_OPEN : TW_ATTEMPT_NONE;
  tcp = bpf_skc_to_tcp_sock(sk);
  if (tcp) tw_tell(true, tcp, &s->owner, from, to);
}

/* A cookie without an owner: made before the daemon came, or forgotten. Sockets of servers have no
 * cookie, unless somebody else asked for it. */
static __always_inline void tw_tell_by_map(bool direct, struct sock* sk, int from, int to) {
  tw_u64 key = tw_socket_key(direct, sk);
  struct tw_owner* owner = bpf_map_lookup_elem(&owners, &key);
  struct tcp_sock* tcp;

  if (!owner) {
    if (to == TW_TCP_CLOSE && key && !knobs.owner_by_address) tw_count_unowned(TW_CLOSE);
    return;
  }
  tcp = direct ? bpf_skc_to_tcp_sock(sk) : (void*)sk;
  if (tcp) tw_tell(direct, tcp, owner, from, to);
  if (to == TW_TCP_CLOSE) bpf_map_delete_elem(&owners, &key);
}

/* Only read a tcp_sock when it is one: the master socket of MPTCP comes here, too. */
static __always_inline int tw_on_state(enum tw_owner_place place, struct sock* sk, int from,
                                       int to) {
  if (to == TW_TCP_ESTABLISHED) {
    if (from != TW_TCP_SYN_SENT) return 0;
  } else if (to != TW_TCP_CLOSE || from == TW_TCP_LISTEN || from == TW_TCP_SYN_RECV) {
    return 0;
  }
  if (TW_GET(place != TW_IN_MAP_RAW, sk, sk_protocol) != TW_IPPROTO_TCP) return 0;
  if (place == TW_IN_STORAGE)
    tw_tell_by_storage(sk, from, to);
  else
    tw_tell_by_map(place == TW_IN_MAP, sk, from, to);
  return 0;
}

#endif
