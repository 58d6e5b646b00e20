/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Which packets may carry a name. Everything here runs for packets that passed the first, cheap
 * look of names.bpf.c only, at the client's socket: on loopback each packet shows at both ends.
 */
#ifndef TOCSIN_NAME_FILTER_BPF_H
#define TOCSIN_NAME_FILTER_BPF_H

#include "name_verdict.bpf.h"
#include "packet.bpf.h"

#define TW_DNS_HEADER 12
#define TW_DNS_TCP_MAX 65536 /* bytes of each direction of a DNS connection that are taken */
#define TW_HELLO_MAX 16384   /* bytes of a hello */
#define TW_HELLO_SEGMENTS 32 /* packets of a hello: it may come in dribs and drabs */
#define TW_HTTP_SEGMENTS 4
#define TW_TLS_HEAD 9             /* record header, then type and length of the handshake message */
#define TW_QUIC_DATAGRAM_MIN 1200 /* RFC 9000 14.1: no shorter datagram holds an Initial packet */
#define TW_QUIC_SEGMENTS 4        /* datagrams looked at in one send that the kernel splits later */

static __always_inline void tw_take(struct tw_seen* p, tw_u32 most) {
  p->take = p->length < most ? p->length : most;
  if (p->take > TW_PACKET_DATA_LARGE) p->take = TW_PACKET_DATA_LARGE;
}

/* Questions go out, answers come in; what a server sends is the other way round. Not 0: the packet
 * must be dropped. */
static __noinline int tw_on_dns_udp(struct __sk_buff* skb, struct tw_seen* p) {
  bool out = p->flags & TW_PACKET_OUT;
  tw_u8 head[TW_DNS_HEADER];
  int drop;

  if (p->length < TW_DNS_HEADER) return 0;
  if (bpf_skb_load_bytes(skb, p->payload, head, sizeof(head))) return 0;
  if (!(head[2] & 0x80) != out) return 0;
  drop = (int)tw_respond_dns(skb, p, head);
  p->kind = TW_DNS_UDP;
  /* The connect that follows an answer wakes the reader; a question may be all there is. */
  p->urgency = out ? TW_PROMPT : TW_LAZY;
  tw_take(p, TW_PACKET_DATA_LARGE);
  tw_emit_packet(skb, p);
  return drop;
}

/* Position of the first payload byte in its direction of the stream; -1: sent or received before.
 * bytes_acked counts the SYN, bytes_received does not. */
static __always_inline tw_s64 tw_stream_position(struct bpf_sock* sk, const struct tw_seen* p,
                                                 bool syn) {
  struct bpf_tcp_sock* tcp = bpf_tcp_sock(sk);
  tw_u32 seq = p->tcp_seq;

  if (!tcp) return -1;
  if (p->flags & TW_PACKET_OUT) {
    if (!syn && (tw_s32)(seq - tcp->snd_nxt) < 0) return -1;
    return (tw_u32)(seq - (tcp->snd_una - (tw_u32)tcp->bytes_acked + 1));
  }
  if ((tw_s32)(seq + p->length - tcp->rcv_nxt) <= 0) return -1;
  return (tw_u32)(seq - (tcp->rcv_nxt - (tw_u32)tcp->bytes_received));
}

static __always_inline int tw_on_dns_tcp(struct __sk_buff* skb, struct tw_seen* p,
                                         tw_s64 position) {
  if (position < 0) return 0;
  if (position >= TW_DNS_TCP_MAX) {
    tw_count_skipped(TW_DNS_TCP);
    return 0;
  }
  p->kind = TW_DNS_TCP;
  p->urgency = p->flags & TW_PACKET_OUT ? TW_PROMPT : TW_LAZY;
  if (position == 0) p->flags |= TW_PACKET_FIRST;
  tw_take(p, TW_PACKET_DATA_LARGE);
  return tw_emit_packet(skb, p);
}

/* The first letters of an HTTP/1 method, as far as they are there. */
static __always_inline bool tw_looks_like_http(const tw_u8* head, tw_u32 length) {
  tw_u32 word = (tw_u32)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];

  if (length < 4)
    return head[0] == 'G' || head[0] == 'P' || head[0] == 'H' || head[0] == 'O' || head[0] == 'D' ||
           head[0] == 'C' || head[0] == 'T';
  return word == 0x47455420 /* GET_ */ || word == 0x504f5354 /* POST */ ||
         word == 0x48454144 /* HEAD */ || word == 0x50555420 /* PUT_ */ ||
         word == 0x4f505449 /* OPTI */ || word == 0x44454c45 /* DELE */ ||
         word == 0x434f4e4e /* CONN */ || word == 0x50415443 /* PATC */ ||
         word == 0x54524143 /* TRAC */;
}

/* Decides by the first bytes of the stream, as many as there are, how much of it is taken. */
static __always_inline void tw_begin_hello(struct tw_socket* s, const tw_u8* head, tw_u32 length) {
  tw_u32 record = (tw_u32)head[3] << 8 | head[4];
  tw_u32 message = (tw_u32)head[6] << 16 | head[7] << 8 | head[8];

  s->hello = TW_HELLO_TAKEN;
  s->segments = 0;
  s->hello_end = TW_HELLO_MAX;
  if (tw_looks_like_http(head, length)) {
    s->segments = TW_HELLO_SEGMENTS - TW_HTTP_SEGMENTS;
  } else if (head[0] != 0x16 || (length > 1 && head[1] != 3) || (length > 5 && head[5] != 1)) {
    s->hello = TW_HELLO_DONE;
  } else if (length >= TW_TLS_HEAD && message + 4 <= record) {
    s->hello_end = 5 + record; /* else it goes on in further records */
  }
}

static __noinline int tw_on_hello(struct __sk_buff* skb, struct tw_seen* p, tw_s64 position) {
  struct tw_name name = tw_name_of(skb, true);
  struct tw_socket* s = tw_find_socket(&name).socket;
  tw_u8 head[16] = {};
  tw_u32 n = p->length < TW_TLS_HEAD ? p->length : TW_TLS_HEAD;

  if (!s || position < 0) return 0;
  if (s->hello == TW_HELLO_AWAITED) {
    if (bpf_skb_load_bytes(skb, p->payload, head, ((n - 1) & 15) + 1)) return 0;
    tw_begin_hello(s, head, p->length);
    if (position != 0) s->hello = TW_HELLO_DONE; /* the beginning passed unseen */
    if (s->hello == TW_HELLO_DONE) return 0;
  }
  if (position >= s->hello_end) {
    s->hello = TW_HELLO_DONE;
    return 0;
  }
  p->kind = TW_TCP_START;
  p->urgency = TW_PROMPT;
  if (position == 0) p->flags |= TW_PACKET_FIRST;
  tw_take(p, s->hello_end - (tw_u32)position);
  s->segments++;
  if (position + p->length >= s->hello_end) {
    s->hello = TW_HELLO_DONE;
  } else if (s->segments >= TW_HELLO_SEGMENTS) {
    s->hello = TW_HELLO_DONE;
    tw_count_skipped(TW_TCP_START);
  }
  return tw_emit_packet(skb, p);
}

/* A long header of version 1 or 2 and type Initial (RFC 9000 17.2.2, RFC 9369 3.2). */
static __always_inline bool tw_is_initial(struct __sk_buff* skb, tw_u32 at) {
  tw_u8 head[8] = {};
  tw_u32 version;

  if (bpf_skb_load_bytes(skb, at, head, 5)) return false;
  version = (tw_u32)head[1] << 24 | head[2] << 16 | head[3] << 8 | head[4];
  return (version == 1 && (head[0] & 0xf0) == 0xc0) ||
         (version == 0x6b3343cf && (head[0] & 0xf0) == 0xd0);
}

/* Sent: a socket that got an Initial packet before it sent one is a server's. One send may hold
 * several datagrams, which the kernel splits further down (UDP_SEGMENT). */
static __noinline int tw_on_quic_out(struct __sk_buff* skb, struct tw_seen* p) {
  struct tw_name name = tw_name_of(skb, false);
  struct tw_socket* s = tw_find_socket(&name).socket;
  tw_u32 rest = p->length;
  tw_u32 each = skb->gso_size ? skb->gso_size : rest;

  if (s && s->quic == TW_QUIC_SERVER) return 0;
  p->kind = TW_QUIC;
  p->urgency = TW_PROMPT;
  for (int i = 0; i < TW_QUIC_SEGMENTS && rest > 0; i++) {
    if (!tw_is_initial(skb, p->payload)) break;
    if (s) s->quic = TW_QUIC_CLIENT;
    p->length = rest < each ? rest : each;
    tw_take(p, TW_PACKET_DATA_LARGE);
    tw_emit_packet(skb, p);
    p->payload += p->length;
    rest -= p->length;
  }
  return 0;
}

static __noinline int tw_on_quic_in(struct __sk_buff* skb, tw_u32 payload) {
  struct tw_name name = tw_name_of(skb, false);
  struct tw_entry e;

  if (!tw_is_initial(skb, payload)) return 0;
  e = tw_claim_socket(&name);
  if (!e.socket) return 0;
  if (!e.socket->owner.pid) *e.since_ns = bpf_ktime_get_boot_ns();
  if (e.socket->quic == TW_QUIC_UNKNOWN) e.socket->quic = TW_QUIC_SERVER;
  tw_settle(&e, name.key);
  return 0;
}

#endif
