// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright 2026 The tocsin authors
// Packets that may carry a name: DNS, the hello of a TLS or QUIC client, the head of an HTTP
// request. The programs hang at the root of the unified hierarchy and see every packet of every
// socket in every network namespace, so the first look decides almost always and calls next to
// nothing. They drop only what an isolation or a denied name says.

#include "name_filter.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TW_PASS 1
#define TW_DROP 0
#define TW_TCP_FLAG_SYN 0x02
#define TW_IPPROTO_ICMPV6 58
#define TW_IPV6_NEXT 6        /* offset of the next header */
#define TW_LOOPBACK_IFINDEX 1 /* in every network namespace */
#define TW_YOUNG_SEGMENTS 64  /* sent; a hello is looked for among them */

static __always_inline tw_u16 tw_port_at(const tw_u8* at) {
  return *(const tw_u16*)at;
}

/* Sent where, as the program asked: a translation may have changed the packet already. Only an
 * unconnected socket has to be looked up. */
static __always_inline bool tw_asks_dns(struct __sk_buff* skb) {
  struct bpf_sock* sk = skb->sk;
  struct tw_socket* s;
  struct tw_name name;

  if (!sk) return false;
  if (sk->dst_port) return sk->dst_port == TW_PORT_DNS;
  name = tw_name_of(skb, false);
  s = tw_find_socket(&name).socket;
  return s && s->asks_dns;
}

static __always_inline int tw_udp(struct __sk_buff* skb, struct tw_seen* p, const tw_u8* head) {
  bool out = p->flags & TW_PACKET_OUT;
  bool dns = tw_port_at(out ? head + 2 : head) == TW_PORT_DNS;

  if (out && !dns) dns = tw_asks_dns(skb);
  p->payload = p->transport + TW_UDP_HEADER;
  if (!dns && skb->len < p->payload + TW_QUIC_DATAGRAM_MIN) return TW_PASS;
  if (skb->len <= p->payload) return TW_PASS;
  p->length = skb->len - p->payload;
  if (dns) return tw_on_dns_udp(skb, p) ? TW_DROP : TW_PASS;
  if (out)
    tw_on_quic_out(skb, p);
  else
    tw_on_quic_in(skb, p->payload);
  return TW_PASS;
}

static __noinline int tw_tcp_data(struct __sk_buff* skb, struct tw_seen* p) {
  tw_u8 head[16];
  struct bpf_sock* sk = skb->sk;
  tw_s64 position;

  if (!sk || bpf_skb_load_bytes(skb, p->transport, head, sizeof(head))) return 0;
  p->payload = p->transport + (head[12] >> 4) * 4;
  if (skb->len <= p->payload) return 0;
  p->length = skb->len - p->payload;
  p->tcp_seq = (tw_u32)head[4] << 24 | head[5] << 16 | head[6] << 8 | head[7];
  if (head[13] & TW_TCP_FLAG_SYN) p->tcp_seq++;
  position = tw_stream_position(sk, p, head[13] & TW_TCP_FLAG_SYN);
  return p->kind == TW_DNS_TCP ? tw_on_dns_tcp(skb, p, position) : tw_on_hello(skb, p, position);
}

/* Only young connections are looked up: the rest costs one call of a helper. */
static __always_inline int tw_tcp_out(struct __sk_buff* skb, struct tw_seen* p, const tw_u8* head) {
  bool dns = tw_port_at(head + 2) == TW_PORT_DNS;
  struct bpf_sock* sk = skb->sk;
  struct bpf_tcp_sock* tcp;
  struct tw_socket* s;
  struct tw_name name;

  if (skb->len <= p->transport + (head[12] >> 4) * 4) return TW_PASS; /* no payload */
  if (!dns) {
    tcp = sk ? bpf_tcp_sock(sk) : NULL;
    if (!tcp || tcp->data_segs_out > TW_YOUNG_SEGMENTS) return TW_PASS;
    name = tw_name_of(skb, true);
    s = tw_find_socket(&name).socket;
    if (!s || (s->hello == TW_HELLO_DONE && !s->asks_dns)) return TW_PASS;
    dns = s->asks_dns;
  }
  p->kind = dns ? TW_DNS_TCP : TW_TCP_START;
  tw_tcp_data(skb, p);
  return TW_PASS;
}

static __always_inline int tw_tcp_in(struct __sk_buff* skb, struct tw_seen* p, const tw_u8* head) {
  if (tw_port_at(head) != TW_PORT_DNS) return TW_PASS;
  p->kind = TW_DNS_TCP;
  tw_tcp_data(skb, p);
  return TW_PASS;
}

static __always_inline int tw_look(struct __sk_buff* skb, bool out) {
  const tw_u8* ip = (void*)(long)skb->data;
  const tw_u8* end = (void*)(long)skb->data_end;
  struct tw_seen p = {.flags = out ? TW_PACKET_OUT : 0};
  const tw_u8* head;
  tw_u32 protocol;

  if (ip + 20 > end) return TW_PASS;
  if (ip[0] >> 4 == 4) {
    p.version = 4;
    p.transport = (ip[0] & 0xf) * 4;
    protocol = ip[9];
    if (ip[6] & 0x1f || ip[7]) return TW_PASS; /* a later fragment */
  } else {
    p.version = 6;
    p.transport = TW_IPV6_HEADER;
    protocol = ip[6];
    if (tw_is_extension((tw_u8)protocol)) {
      tw_u32 found = tw_walk_extensions(skb, protocol);

      protocol = found >> 16;
      p.transport = found & (TW_TRANSPORT_MAX * 2 - 1);
    }
  }
  head = ip + p.transport;
  if (protocol == TW_IPPROTO_TCP) {
    if (head + 20 > end) return TW_PASS;
    return out ? tw_tcp_out(skb, &p, head) : tw_tcp_in(skb, &p, head);
  }
  if (protocol != TW_IPPROTO_UDP || head + TW_UDP_HEADER > end) return TW_PASS;
  return tw_udp(skb, &p, head);
}

/* Neighbour discovery goes on: without it no address can be reached. */
static __always_inline bool tw_is_neighbour_discovery(struct __sk_buff* skb) {
  tw_u8 next = 0, type = 0;

  if (bpf_skb_load_bytes(skb, TW_IPV6_NEXT, &next, sizeof(next))) return false;
  if (next != TW_IPPROTO_ICMPV6) return false;
  if (bpf_skb_load_bytes(skb, TW_IPV6_HEADER, &type, sizeof(type))) return false;
  return type >= 133 && type <= 137;
}

/* Under an isolation, packets of connections that were there before stop, too. */
static __noinline int tw_isolation_drops(struct __sk_buff* skb, int out) {
  struct tw_network peer;
  tw_u32 words[4] = {};
  tw_u8 version = 0;

  if (!tw_isolation_holds() || skb->ifindex == TW_LOOPBACK_IFINDEX) return 0;
  if (isolation.cgroup_id &&
      bpf_skb_ancestor_cgroup_id(skb, (int)isolation.level) != isolation.cgroup_id)
    return 0;
  if (bpf_skb_load_bytes(skb, 0, &version, sizeof(version))) return 0;
  if (version >> 4 == 4) {
    if (bpf_skb_load_bytes(skb, out ? TW_IPV4_SOURCE + 4 : TW_IPV4_SOURCE, words, 4)) return 0;
  } else {
    if (tw_is_neighbour_discovery(skb)) return 0;
    if (bpf_skb_load_bytes(skb, out ? TW_IPV6_SOURCE + 16 : TW_IPV6_SOURCE, words, 16)) return 0;
  }
  tw_network_of(&peer, words, version >> 4 == 4);
  if (tw_isolation_allows(&peer)) return 0;
  tw_count_isolated();
  return 1;
}

static __always_inline int tw_pass_or_drop(struct __sk_buff* skb, bool out) {
  if (*(volatile tw_u32*)&isolation.on && tw_isolation_drops(skb, out)) return TW_DROP;
  return tw_look(skb, out);
}

SEC("cgroup_skb/egress")
int packet_out(struct __sk_buff* skb) {
  return tw_pass_or_drop(skb, true);
}

SEC("cgroup_skb/ingress")
int packet_in(struct __sk_buff* skb) {
  return tw_pass_or_drop(skb, false);
}
