/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Denied names in DNS messages over UDP. The daemon learns an answer a moment after the program
 * that asked, too late for the program's first packet: so the addresses of an answer are denied
 * here, before the answer is delivered.
 *
 * A name is looked up with each of its suffixes by a hash of the suffix in wire form, lower case: a
 * polynomial in a random odd base modulo 2^64, of which one pass gives all suffixes,
 *   hash(s) = sum over i >= s of (byte[i] + 1) * base^(i - s).
 *
 * An answer counts once, for a question that its socket asked port 53: the same id, name and type.
 * Anybody can send a datagram from port 53, and whoever is asked for one name could answer for
 * another. What tocsin's own relay asks denies nothing: nobody here wants to go there.
 */
#ifndef TOCSIN_NAME_VERDICT_BPF_H
#define TOCSIN_NAME_VERDICT_BPF_H

#include "packet.bpf.h"
#include "respond.bpf.h"

#define TW_QNAME_MAX 255
#define TW_DNS_HEAD_BYTES 12
#define TW_QUESTION_TAIL 4 /* type and class */
#define TW_RECORD_HEAD 12  /* compressed name, type, class, TTL, length */
#define TW_ANSWERS_READ 24 /* records of one answer; the daemon reads the rest */
#define TW_TYPE_A 1
#define TW_TYPE_AAAA 28
#define TW_NS_PER_S 1000000000ULL

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, tw_u64);
  __type(value, struct tw_verdict);
} denied_names SEC(".maps");

static __always_inline tw_u64 tw_lower(tw_u64 c) {
  tw_u64 lower = c + (((c - 'A') < 26) << 5);

  TW_FORGET(lower, c);
  return lower;
}

/* What a question asks, and what is to be done about it. */
struct tw_question {
  struct tw_verdict verdict;
  tw_u64 hash;   /* of the whole name */
  tw_u32 end;    /* offset of the byte behind the name; 0: not a plain name */
  tw_u32 judged; /* whether the verdict is wanted, beside hash and end */
};

/* at: offset of the name; room: bytes of the message from there. */
static __noinline int tw_judge_name(struct __sk_buff* skb, struct tw_question* q, tw_u32 at,
                                    tw_u32 room) {
  tw_u8 name[TW_QNAME_MAX + 1] = {};
  tw_u64 sum = 0, weight = 1, before = 0, inverse = 1;
  tw_u64 left = 0, end = 0;

  if (room == 0) return 0;
  if (room > TW_QNAME_MAX) room = TW_QNAME_MAX + 1;
  room = ((room - 1) & TW_QNAME_MAX) + 1;
  if (bpf_skb_load_bytes(skb, at, name, room)) return 0;
#pragma clang loop unroll(disable)
  for (int i = 0; i < TW_QNAME_MAX; i++) {
    tw_u64 c = name[i];

    if (left == 0) {
      if (c == 0) {
        end = (tw_u64)i + 1;
        break;
      }
      if (c > 63) return 0;
      left = c;
    } else {
      left--;
      c = tw_lower(c);
    }
    sum += (c + 1) * weight;
    weight *= knobs.name_base;
  }
  TW_FORGET(end, sum);
  if (end == 0) return 0;
  q->end = at + (tw_u32)end;
  q->hash = sum;
  if (!q->judged) return 0;
  weight = 1;
  left = 0;
#pragma clang loop unroll(disable)
  for (int i = 0; i < TW_QNAME_MAX; i++) {
    tw_u64 c = name[i];

    if (left == 0) {
      tw_u64 key = (sum - before) * inverse;
      struct tw_verdict* v;

      if (c == 0) break;
      v = bpf_map_lookup_elem(&denied_names, &key);
      if (v && (!v->exact || before == 0)) {
        q->verdict = *v;
        break;
      }
      left = c;
    } else {
      left--;
      c = tw_lower(c);
    }
    before += (c + 1) * weight;
    weight *= knobs.name_base;
    inverse *= knobs.name_inverse;
  }
  return 0;
}

static __always_inline void tw_deny_answer(const tw_u32* words, bool v4,
                                           const struct tw_question* q, tw_u32 ttl_s) {
  struct tw_verdict verdict = {.act = q->verdict.act};
  tw_u64 life = (tw_u64)ttl_s * TW_NS_PER_S;
  struct tw_verdict* known;
  struct tw_network key;

  if (life < knobs.answer_least_ns) life = knobs.answer_least_ns;
  if (life > knobs.answer_most_ns) life = knobs.answer_most_ns;
  verdict.until_ns = bpf_ktime_get_boot_ns() + life;
  if (q->verdict.until_ns && q->verdict.until_ns < verdict.until_ns)
    verdict.until_ns = q->verdict.until_ns;
  tw_network_of(&key, words, v4);
  known = tw_find_verdict(&key);
  /* Spared ones stay spared: whoever answers for a bad name could name any address. */
  if (known &&
      (known->act == TW_ACT_SPARE || !known->until_ns || known->until_ns > verdict.until_ns))
    return;
  tw_network_of(&key, words, v4);
  bpf_map_update_elem(&denied_networks, &key, &verdict, BPF_ANY);
}

/* at: offset of the first record, count: records. */
static __noinline int tw_deny_answers(struct __sk_buff* skb, const struct tw_question* q, tw_u32 at,
                                      tw_u32 count) {
  for (tw_u32 i = 0; i < TW_ANSWERS_READ; i++) {
    tw_u8 head[TW_RECORD_HEAD];
    tw_u32 words[4] = {};
    tw_u32 type, length, ttl;

    if (i >= count) break;
    if (bpf_skb_load_bytes(skb, at, head, sizeof(head))) break;
    if (head[0] < 0xc0) break; /* a name in full: rare, the daemon reads it */
    type = (tw_u32)head[2] << 8 | head[3];
    ttl = (tw_u32)head[6] << 24 | head[7] << 16 | head[8] << 8 | head[9];
    length = (tw_u32)head[10] << 8 | head[11];
    at += TW_RECORD_HEAD;
    if (type == TW_TYPE_A && length == 4 && !bpf_skb_load_bytes(skb, at, words, 4))
      tw_deny_answer(words, true, q, ttl);
    if (type == TW_TYPE_AAAA && length == 16 && !bpf_skb_load_bytes(skb, at, words, 16))
      tw_deny_answer(words, false, q, ttl);
    at += length;
  }
  return 0;
}

/* Of a question and its answer alike, and of a secret base. 0: not a plain question. */
static __always_inline tw_u32 tw_mark_of(struct __sk_buff* skb, const struct tw_question* q,
                                         tw_u16 id) {
  tw_u8 tail[TW_QUESTION_TAIL];
  tw_u64 rest;

  if (!q->end || bpf_skb_load_bytes(skb, q->end, tail, sizeof(tail))) return 0;
  rest = (tw_u64)id << 32 | (tw_u32)tail[0] << 24 | tail[1] << 16 | tail[2] << 8 | tail[3];
  return (tw_u32)((q->hash + rest * knobs.name_base) * knobs.name_base >> 32) | 1;
}

static __always_inline bool tw_is_relay(const struct tw_socket* s) {
  tw_u32 zero = 0;
  struct tw_reader* r = bpf_map_lookup_elem(&reader, &zero);

  return r && s->owner.pid && s->owner.pid == *(volatile tw_u32*)&r->relay_pid;
}

/* The socket's entry is looked up behind the name: what is known of it would have the verifier
 * follow the name anew for each case. */
static __always_inline struct tw_socket* tw_socket_of(struct __sk_buff* skb) {
  struct tw_name name = tw_name_of(skb, false);

  return tw_find_socket(&name).socket;
}

/* Not 0: it must not leave. The socket remembers two, as libc asks for both kinds of address. */
static __always_inline tw_u64 tw_question_refused(struct __sk_buff* skb, const struct tw_seen* p,
                                                  tw_u16 id) {
  struct tw_question q = {.judged = knobs.respond & TW_RESPOND_QUESTIONS};
  struct tw_socket* s;
  tw_u64 mark, refused;

  tw_judge_name(skb, &q, p->payload + TW_DNS_HEAD_BYTES, p->length - TW_DNS_HEAD_BYTES);
  mark = tw_mark_of(skb, &q, id);
  refused = tw_act_of(&q.verdict) == TW_ACT_DENY;
  TW_FORGET(mark, id);
  TW_FORGET(refused, id);
  s = tw_socket_of(skb);
  if (s && tw_is_relay(s)) return 0;
  if (s && s->asked[0] != mark) { /* else sent again */
    s->asked[1] = s->asked[0];
    s->asked[0] = (tw_u32)mark;
  }
  return refused;
}

static __always_inline bool tw_awaits_answer(const struct tw_socket* s) {
  return s && s->asks_dns && s->asked[0] | s->asked[1];
}

/* Whether the socket asked for it; then it did not any more. */
static __always_inline bool tw_take_question(struct tw_socket* s, tw_u32 mark) {
  if (!s || !mark) return false;
  if (s->asked[0] == mark)
    s->asked[0] = 0;
  else if (s->asked[1] == mark)
    s->asked[1] = 0;
  else
    return false;
  return true;
}

static __always_inline void tw_answer_seen(struct __sk_buff* skb, const struct tw_seen* p,
                                           const tw_u8* head) {
  tw_u16 id = (tw_u16)(head[0] << 8 | head[1]);
  tw_u32 answers = (tw_u32)head[6] << 8 | head[7];
  struct tw_question q = {.judged = true};
  tw_u64 mark;

  if (head[4] || head[5] != 1 || !tw_awaits_answer(tw_socket_of(skb))) return;
  tw_judge_name(skb, &q, p->payload + TW_DNS_HEAD_BYTES, p->length - TW_DNS_HEAD_BYTES);
  mark = tw_mark_of(skb, &q, id);
  TW_FORGET(mark, id);
  if (!tw_take_question(tw_socket_of(skb), (tw_u32)mark) || !answers) return;
  if (tw_act_of(&q.verdict) != TW_ACT_SPARE)
    tw_deny_answers(skb, &q, q.end + TW_QUESTION_TAIL, answers);
}

/* Not 0: drop the packet. head: the first TW_DNS_HEAD_BYTES of the message. */
static __always_inline tw_u64 tw_respond_dns(struct __sk_buff* skb, const struct tw_seen* p,
                                             const tw_u8* head) {
  if (!(knobs.respond & TW_RESPOND_ANSWERS)) return 0;
  if (p->flags & TW_PACKET_OUT)
    return tw_question_refused(skb, p, (tw_u16)(head[0] << 8 | head[1]));
  tw_answer_seen(skb, p, head);
  return 0;
}

#endif
