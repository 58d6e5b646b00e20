/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * What became of a TCP connection: outcome and end. Runs in whatever context the last packet came
 * in: the current task means nothing here.
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

/* Unique while the socket lives, and says nothing about where the kernel lies. */
static __always_inline tw_u64 tw_salted(tw_u64 address) {
  return (address ^ knobs.address_salt) * 0x9e3779b97f4a7c15ULL;
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

/* What is told of the socket's entry, if it was not given away meanwhile. */
static __always_inline void tw_finish(struct tw_header* h, const struct tw_entry* from,
                                      tw_u64 key) {
  if (tw_is_still(from, key)) {
    tw_submit(h, TW_LAZY);
    return;
  }
  tw_count_unowned(h->kind);
  tw_discard(h);
}

static __always_inline void tw_emit_result(bool direct, struct tcp_sock* tcp,
                                           const struct tw_entry* from, tw_u64 key, int error) {
  struct tw_connect_result* e = tw_reserve(TW_CONNECT_RESULT, sizeof(*e));

  if (!e) return;
  tw_fill_header_owner(&e->h, &from->socket->owner, TW_CONNECT_RESULT, sizeof(*e));
  e->cookie = key;
  tw_read_endpoints(direct, tcp, &e->local, &e->remote);
  e->took_ns = e->h.boot_ns - from->socket->owner.since_ns;
  e->error = error;
  e->pad = 0;
  tw_finish(&e->h, from, key);
}

/* bytes_sent counts payload with repeats; bytes_received counts the peer's FIN as one byte. */
static __always_inline void tw_emit_close(bool direct, struct tcp_sock* tcp,
                                          const struct tw_entry* from, tw_u64 key) {
  struct tw_close* e = tw_reserve(TW_CLOSE, sizeof(*e));
  struct sock* sk = &tcp->inet_conn.icsk_inet.sk;
  tw_u64 received;

  if (!e) return;
  tw_fill_header_owner(&e->h, &from->socket->owner, TW_CLOSE, sizeof(*e));
  e->cookie = key;
  tw_read_endpoints(direct, tcp, &e->local, &e->remote);
  e->bytes_out = TW_GET(direct, tcp, bytes_sent) - TW_GET(direct, tcp, bytes_retrans);
  received = TW_GET(direct, tcp, bytes_received);
  if (received && TW_GET(direct, sk, __sk_common.skc_flags) & (1UL << TW_SOCK_DONE)) received--;
  e->bytes_in = received;
  e->duration_ns = e->h.boot_ns - from->socket->owner.since_ns;
  tw_finish(&e->h, from, key);
}

/* The cookie, or the address where connects are seen without cookies. Sockets that a server
 * accepted have no cookie, or one that is not in the table. */
static __always_inline void tw_tell_state(bool direct, struct sock* sk, int from, int to) {
  struct tw_name name = {.stream = true};
  struct tcp_sock* tcp;
  struct tw_entry e;

  if (!knobs.owner_by_address) {
    name.key = (tw_u64)TW_GET(direct, sk, __sk_common.skc_cookie.counter);
    if (!name.key) return;
  }
  if (knobs.owner_by_address) {
    name.address = tw_address_of(sk);
    name.key = tw_salted(name.address);
  } else {
    name.address = direct ? tw_place_of(sk) : tw_place_of_raw(sk);
  }
  e = tw_find_socket(&name);
  if (!e.socket) return;
  tcp = direct ? bpf_skc_to_tcp_sock(sk) : (void*)sk;
  if (!tcp) return;
  if (to == TW_TCP_ESTABLISHED)
    tw_emit_result(direct, tcp, &e, name.key, 0);
  else if (from == TW_TCP_SYN_SENT)
    tw_emit_result(direct, tcp, &e, name.key, tw_connect_error(direct, sk));
  else
    tw_emit_close(direct, tcp, &e, name.key);
  if (to == TW_TCP_CLOSE && tw_is_still(&e, name.key)) *e.key = 0;
}

/* Only read a tcp_sock when it is one: the master socket of MPTCP comes here, too. */
static __always_inline int tw_on_state(bool direct, struct sock* sk, int from, int to) {
  if (to == TW_TCP_ESTABLISHED) {
    if (from != TW_TCP_SYN_SENT) return 0;
  } else if (to != TW_TCP_CLOSE || from == TW_TCP_LISTEN || from == TW_TCP_SYN_RECV) {
    return 0;
  }
  if (TW_GET(direct, sk, sk_protocol) == TW_IPPROTO_TCP) tw_tell_state(direct, sk, from, to);
  return 0;
}

#endif
