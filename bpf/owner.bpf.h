/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Who opened which socket.
 *
 * Two tables of small sets in plain arrays. The socket's address chooses the set, so that a socket
 * that takes the place of another finds its lines in the cache; the cookie is the key within the
 * set. Remembering and finding cost some ten nanoseconds, where socket storage costs 700 for each
 * new socket and an LRU map 300. A full set gives up its oldest entry; an open TCP connection that
 * is given up is counted, because its end will not be told. Datagram sockets have a table of their
 * own: nothing says when they end.
 */
#ifndef TOCSIN_OWNER_BPF_H
#define TOCSIN_OWNER_BPF_H

#include "emit.bpf.h"
#include "family.bpf.h"

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

/* The first bytes that a TCP client sends. */
enum tw_hello { TW_HELLO_DONE = 0, TW_HELLO_AWAITED = 1, TW_HELLO_TAKEN = 2 };

/* Which end of QUIC a UDP socket is: the one that sends the first Initial packet is the client. */
enum tw_quic_end { TW_QUIC_UNKNOWN = 0, TW_QUIC_CLIENT = 1, TW_QUIC_SERVER = 2 };

struct tw_socket {
  struct tw_owner owner;
  tw_u32 net_ns;
  tw_u8 hello;    /* enum tw_hello */
  tw_u8 segments; /* of the hello, so far */
  tw_u8 quic;     /* enum tw_quic_end */
  tw_u8 asks_dns; /* was asked to talk to port 53, whatever a translation makes of it */
  union {
    tw_u32 hello_end; /* TCP: position in the stream up to which the hello is taken */
    tw_u32 asked[2];  /* UDP: its last open questions (tw_mark_of in name_verdict.bpf.h); 0: none */
  };
};

#define TW_WAYS 4
#define TW_STREAM_SET_BITS 14   /* 65,536 TCP connections */
#define TW_DATAGRAM_SET_BITS 12 /* 16,384 datagram sockets */

struct tw_socket_set {
  tw_u64 key[TW_WAYS]; /* 0: free */
  tw_u64 since_ns[TW_WAYS];
  struct tw_socket way[TW_WAYS];
};
_Static_assert(sizeof(struct tw_socket_set) == 256, "whole cache lines");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1 << TW_STREAM_SET_BITS);
  __type(key, tw_u32);
  __type(value, struct tw_socket_set);
} streams SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1 << TW_DATAGRAM_SET_BITS);
  __type(key, tw_u32);
  __type(value, struct tw_socket_set);
} datagram_sockets SEC(".maps");

/* Names a socket: where to look, and what to look for. */
struct tw_name {
  tw_u64 address; /* or tw_place_of; never leaves the kernel */
  tw_u64 key;     /* cookie, or salted address; 0: none */
  bool stream;    /* a constant after inlining */
};

/* An entry and its key. It can be given to another socket at any time: whoever tells something from
 * it looks at its key once more afterwards. */
struct tw_entry {
  struct tw_socket* socket; /* NULL: not known */
  tw_u64* key;
  tw_u64* since_ns; /* the older is given up first */
};

#define tw_barrier() asm volatile("" ::: "memory")

static __always_inline tw_u32 tw_net_ns_at(tw_u64 address) {
  struct sock* sk = (void*)address;

  return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline struct tw_socket_set* tw_set_of(const struct tw_name* name) {
  tw_u64 hash = name->address * 0x9e3779b97f4a7c15ULL;
  tw_u32 stream_index = (tw_u32)(hash >> (64 - TW_STREAM_SET_BITS));
  tw_u32 datagram_index = (tw_u32)(hash >> (64 - TW_DATAGRAM_SET_BITS));

  if (!name->key) return NULL;
  return name->stream ? bpf_map_lookup_elem(&streams, &stream_index)
                      : bpf_map_lookup_elem(&datagram_sockets, &datagram_index);
}

static __always_inline struct tw_entry tw_way_of(struct tw_socket_set* set, int way) {
  return (struct tw_entry){
      .socket = &set->way[way], .key = &set->key[way], .since_ns = &set->since_ns[way]};
}

static __always_inline struct tw_entry tw_find_socket(const struct tw_name* name) {
  struct tw_socket_set* set = tw_set_of(name);

  if (set) {
    if (set->key[0] == name->key) return tw_way_of(set, 0);
    if (set->key[1] == name->key) return tw_way_of(set, 1);
    if (set->key[2] == name->key) return tw_way_of(set, 2);
    if (set->key[3] == name->key) return tw_way_of(set, 3);
  }
  return (struct tw_entry){};
}

static __always_inline bool tw_is_still(const struct tw_entry* e, tw_u64 key) {
  return *(volatile tw_u64*)e->key == key;
}

static __always_inline struct tw_entry tw_choose_way(struct tw_socket_set* set) {
  tw_u64 since = set->since_ns[0];
  struct tw_entry oldest = tw_way_of(set, 0);

  for (int i = 0; i < TW_WAYS; i++)
    if (!set->key[i]) return tw_way_of(set, i);
  for (int i = 1; i < TW_WAYS; i++) {
    if (set->since_ns[i] >= since) continue;
    since = set->since_ns[i];
    oldest = tw_way_of(set, i);
  }
  return oldest;
}

/* The socket's entry, or a new one without an owner. The caller fills it and calls tw_settle. */
static __always_inline struct tw_entry tw_claim_socket(const struct tw_name* name) {
  struct tw_entry e = tw_find_socket(name);
  struct tw_socket_set* set;

  if (e.socket) return e;
  set = tw_set_of(name);
  if (!set) return e;
  e = tw_choose_way(set);
  if (name->stream && *e.key) tw_count_unowned(TW_CLOSE);
  *e.key = 0;
  tw_barrier();
  e.socket->owner.pid = 0;
  e.socket->quic = TW_QUIC_UNKNOWN;
  e.socket->asks_dns = 0;
  e.socket->asked[0] = e.socket->asked[1] = 0; /* hello_end, too */
  return e;
}

static __always_inline void tw_settle(const struct tw_entry* e, tw_u64 key) {
  tw_barrier();
  *e->key = key;
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
