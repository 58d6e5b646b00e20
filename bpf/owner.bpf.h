/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Who opened which socket. The word hangs on the socket itself (socket storage): nothing is
 * evicted, and it goes with the socket. Programs that cannot read it there (the outcome on kernels
 * before 5.11, every program that knows a socket only by its address) take it from a map of the
 * sockets used last.
 */
#ifndef TOCSIN_OWNER_BPF_H
#define TOCSIN_OWNER_BPF_H

#include "emit.bpf.h"

#define TW_AF_INET 2
#define TW_AF_INET6 10
#define TW_IPPROTO_TCP 6
#define TW_IPPROTO_UDP 17
#define TW_PORT_DNS __builtin_bswap16(53)

struct tw_owner {
  tw_u64 start_ns;
  tw_u64 cgroup_id;
  tw_u64 since_ns; /* the connect, or the first datagram to a new peer */
  tw_u32 pid;
  tw_u32 tid;
};

/* What a TCP connection has told about itself. */
enum tw_attempt {
  TW_ATTEMPT_NONE = 0, /* ended, or never begun here */
  TW_ATTEMPT_MADE = 1,
  TW_ATTEMPT_OPEN = 2
};

/* The first bytes that a TCP client sends. */
enum tw_hello { TW_HELLO_DONE = 0, TW_HELLO_AWAITED = 1, TW_HELLO_TAKEN = 2 };

/* Which end of QUIC a UDP socket is: the one that sends the first Initial packet is the client. */
enum tw_quic_end { TW_QUIC_UNKNOWN = 0, TW_QUIC_CLIENT = 1, TW_QUIC_SERVER = 2 };

struct tw_socket {
  struct tw_owner owner;
  tw_u32 net_ns;
  tw_u32 hello_end; /* position in the stream up to which the hello is taken */
  tw_u8 attempt;    /* enum tw_attempt */
  tw_u8 hello;      /* enum tw_hello */
  tw_u8 segments;   /* of the hello, so far */
  tw_u8 quic;       /* enum tw_quic_end */
  tw_u8 asks_dns;   /* was asked to talk to port 53, whatever a translation makes of it */
  tw_u8 pad[3];
};

struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct tw_socket);
} sockets SEC(".maps");

/* By socket cookie, or by address. Full: the longest unused goes, and the end of that connection is
 * only counted. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, tw_u64);
  __type(value, struct tw_owner);
} owners SEC(".maps");

/* The socket's own network namespace. The verifier forbids arithmetic on the socket pointer of a
 * cgroup program, so its value is taken through memory first. */
static __always_inline tw_u32 tw_net_ns_of(struct bpf_sock* socket) {
  struct sock* sk = NULL;

  bpf_probe_read_kernel(&sk, sizeof(sk), &socket);
  return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
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

/* IPv4 in the first four bytes; the rest is zero already. */
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

#endif
