/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* Where things stand in a packet, and the event that takes its payload to the daemon. */
#ifndef TOCSIN_PACKET_BPF_H
#define TOCSIN_PACKET_BPF_H

#include "owner.bpf.h"

#define TW_IPV4_SOURCE 12
#define TW_IPV6_SOURCE 8
#define TW_IPV6_HEADER 40
#define TW_UDP_HEADER 8
#define TW_EXTENSIONS_MAX 4  /* IPv6 extension headers that are walked over */
#define TW_TRANSPORT_MAX 512 /* bytes before the transport header */

static __always_inline struct tw_name tw_name_of(struct __sk_buff* skb, bool stream) {
  struct tw_name name = {.stream = stream, .key = bpf_get_socket_cookie(skb)};

  name.address = tw_place_of(skb->sk);
  return name;
}

/* What is known of a packet when it is found worth a look. */
struct tw_seen {
  tw_u32 transport; /* offset of the UDP or TCP header */
  tw_u32 payload;   /* offset */
  tw_u32 length;    /* of the payload */
  tw_u32 take;      /* bytes of it to copy, at least 1 */
  tw_u32 tcp_seq;
  tw_u16 kind;
  tw_u16 flags;   /* enum tw_packet_flags */
  tw_u32 version; /* of IP */
  enum tw_urgency urgency;
};

static __always_inline bool tw_is_extension(tw_u8 header) {
  return header == 0 || header == 43 || header == 60 || header == 51 || header == 44;
}

/* Protocol << 16 | offset of the header behind the extension headers; 0: not found, and counted. A
 * fragment other than the first has no transport header. */
static __noinline tw_u32 tw_walk_extensions(struct __sk_buff* skb, tw_u32 header) {
  tw_u32 at = TW_IPV6_HEADER;
  tw_u8 head[4];

  for (int i = 0; i < TW_EXTENSIONS_MAX; i++) {
    if (bpf_skb_load_bytes(skb, at, head, sizeof(head))) return 0;
    if (header == 44) {
      if (head[2] || head[3] & 0xf8) return 0;
      at += 8;
    } else if (header == 51) {
      at += (head[1] + 2) * 4;
    } else {
      at += (head[1] + 1) * 8;
    }
    header = head[0];
    if (at > TW_TRANSPORT_MAX) break;
    if (!tw_is_extension((tw_u8)header)) return header << 16 | at;
  }
  tw_count_skipped(TW_TCP_START);
  return 0;
}

static __always_inline void tw_read_addresses(struct __sk_buff* skb, const struct tw_seen* p,
                                              struct tw_packet* e) {
  bool out = p->flags & TW_PACKET_OUT;
  tw_u16 ports[2] = {};
  tw_u32 ip[8] = {};

  __builtin_memset(&e->local, 0, sizeof(e->local));
  __builtin_memset(&e->remote, 0, sizeof(e->remote));
  bpf_skb_load_bytes(skb, p->transport, ports, sizeof(ports));
  e->local.port = out ? ports[0] : ports[1];
  e->remote.port = out ? ports[1] : ports[0];
  if (p->version == 4) {
    bpf_skb_load_bytes(skb, TW_IPV4_SOURCE, ip, 8);
    e->local.family = e->remote.family = 4;
    tw_put_v4(&e->local, out ? ip[0] : ip[1]);
    tw_put_v4(&e->remote, out ? ip[1] : ip[0]);
    return;
  }
  bpf_skb_load_bytes(skb, TW_IPV6_SOURCE, ip, sizeof(ip));
  e->local.family = e->remote.family = 6;
  __builtin_memcpy(e->local.addr, out ? &ip[0] : &ip[4], 16);
  __builtin_memcpy(e->remote.addr, out ? &ip[4] : &ip[0], 16);
}

static __always_inline void tw_fill_owner(struct __sk_buff* skb, const struct tw_seen* p,
                                          struct tw_packet* e) {
  bool stream = p->kind == TW_DNS_TCP || p->kind == TW_TCP_START;
  tw_u32 size = sizeof(*e) + p->take;
  struct tw_owner nobody = {};
  struct tw_name name = tw_name_of(skb, stream);
  struct tw_entry from = tw_find_socket(&name);

  e->cookie = name.key;
  if (from.socket && from.socket->owner.pid) {
    tw_fill_header_owner(&e->h, &from.socket->owner, p->kind, size);
    e->net_ns = from.socket->net_ns;
    if (tw_is_still(&from, name.key)) return;
  }
  tw_count_unowned(p->kind);
  tw_fill_header_owner(&e->h, &nobody, p->kind, size);
  e->net_ns = tw_net_ns_at(tw_address_of(skb->sk));
}

static __always_inline void tw_fill_packet(struct __sk_buff* skb, const struct tw_seen* p,
                                           struct tw_packet* e) {
  tw_fill_owner(skb, p, e);
  tw_read_addresses(skb, p, e);
  e->tcp_seq = p->tcp_seq;
  e->length = p->length;
  e->data_len = p->take;
  e->flags = p->flags;
  e->pad = 0;
}

/* The length is masked, not compared: the verifier of 5.10 does not follow a comparison into a
 * helper's length. max is a power of two and at least p->take. */
static __always_inline void tw_emit_sized(struct __sk_buff* skb, const struct tw_seen* p,
                                          tw_u32 max) {
  struct tw_packet* e = tw_reserve(p->kind, sizeof(*e) + max);
  tw_u32 n = p->take;

  if (!e) return;
  tw_fill_packet(skb, p, e);
  n = (n - 1) & (max - 1);
  if (bpf_skb_load_bytes(skb, p->payload, e + 1, n + 1))
    tw_discard(e);
  else
    tw_submit(&e->h, p->urgency);
}

/* The smallest record that holds it. */
static __noinline int tw_emit_packet(struct __sk_buff* skb, const struct tw_seen* p) {
  if (p->take <= TW_PACKET_DATA_SMALL)
    tw_emit_sized(skb, p, TW_PACKET_DATA_SMALL);
  else if (p->take <= TW_PACKET_DATA_MEDIUM)
    tw_emit_sized(skb, p, TW_PACKET_DATA_MEDIUM);
  else
    tw_emit_sized(skb, p, TW_PACKET_DATA_LARGE);
  return 0;
}

#endif
