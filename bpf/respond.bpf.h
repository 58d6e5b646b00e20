/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * What is done about contacts: the maps that say which networks are denied, and the isolation of
 * the host or of a control group. All of it is off by default: then the denial's code is taken out
 * of the programs (knobs.respond), and the isolation costs one load from memory.
 */
#ifndef TOCSIN_RESPOND_BPF_H
#define TOCSIN_RESPOND_BPF_H

#include "emit.bpf.h"

/* The daemon sets the sizes before it loads: one entry each where the response is off. */
struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 1);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct tw_network);
  __type(value, struct tw_verdict);
} denied_networks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 1024);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct tw_network);
  __type(value, tw_u8);
} isolation_allow SEC(".maps");

struct tw_isolation isolation SEC(".data.isolation");

static __always_inline bool tw_is_over(const struct tw_verdict* v) {
  tw_u64 until = *(volatile tw_u64*)&v->until_ns;

  return until && until < bpf_ktime_get_boot_ns();
}

static __always_inline enum tw_act tw_act_of(const struct tw_verdict* v) {
  return !v || tw_is_over(v) ? TW_ACT_SPARE : (enum tw_act)v->act;
}

/* words: four of an IPv6 address, or one of an IPv4 address. */
static __always_inline void tw_network_of(struct tw_network* key, const tw_u32* words, bool v4) {
  tw_u32 mapped[4] = {0, 0, __builtin_bswap32(0xffff), 0};

  key->prefix = 128;
  if (v4) {
    mapped[3] = words[0];
    __builtin_memcpy(key->addr, mapped, sizeof(key->addr));
  } else {
    __builtin_memcpy(key->addr, words, sizeof(key->addr));
  }
}

/* An address in the well-known prefix of translators (RFC 6052, 64:ff9b::/96) becomes the IPv4
 * address that is meant; false: it is none. */
static __always_inline bool tw_untranslate(struct tw_network* key) {
  tw_u32 words[4];

  __builtin_memcpy(words, key->addr, sizeof(words));
  if (words[0] != __builtin_bswap32(0x0064ff9b) || words[1] || words[2]) return false;
  tw_network_of(key, &words[3], true);
  return true;
}

static __always_inline void tw_network_of_endpoint(struct tw_network* key,
                                                   const struct tw_endpoint* e) {
  tw_u32 words[4];

  __builtin_memcpy(words, e->addr, sizeof(words));
  tw_network_of(key, words, e->family == 4);
}

static __always_inline bool tw_isolation_holds(void) {
  return *(volatile tw_u32*)&isolation.on && bpf_ktime_get_boot_ns() < isolation.until_ns;
}

static __always_inline void tw_count_isolated(void) {
  __sync_fetch_and_add(&isolation.refused, 1);
}

static __always_inline bool tw_isolation_allows(struct tw_network* to) {
  if (bpf_map_lookup_elem(&isolation_allow, to)) return true;
  /* A translator is outside: behind it, loopback is somebody else. */
  return tw_untranslate(to) && to->addr[12] != 127 && bpf_map_lookup_elem(&isolation_allow, to);
}

/* Whether the isolation refuses the current task this contact. */
static __always_inline bool tw_isolation_refuses(struct tw_network* to) {
  if (isolation.cgroup_id &&
      bpf_get_current_ancestor_cgroup_id((int)isolation.level) != isolation.cgroup_id)
    return false;
  if (tw_isolation_allows(to)) return false;
  tw_count_isolated();
  return true;
}

/* The verdict of the longest prefix. A single address whose time is over, which stays until the
 * daemon sweeps it, does not hide the block around it. */
static __always_inline struct tw_verdict* tw_find_exactly(struct tw_network* to) {
  struct tw_verdict* v = bpf_map_lookup_elem(&denied_networks, to);

  if (!v || !tw_is_over(v)) return v;
  to->prefix = 127;
  return bpf_map_lookup_elem(&denied_networks, to);
}

/* As it was asked for, else as the IPv4 address that a translator reaches for it. Changes to. */
static __always_inline struct tw_verdict* tw_find_verdict(struct tw_network* to) {
  struct tw_verdict* v = tw_find_exactly(to);

  return v || !tw_untranslate(to) ? v : tw_find_exactly(to);
}

/* Flags for the event of a contact; with TW_CONNECT_DENIED it must not come about. */
static __always_inline tw_u16 tw_judge_contact(const struct tw_endpoint* remote) {
  struct tw_network to;

  if (!(knobs.respond & TW_RESPOND_NETWORK) && !*(volatile tw_u32*)&isolation.on) return 0;
  tw_network_of_endpoint(&to, remote);
  if (tw_isolation_holds()) {
    if (tw_isolation_refuses(&to)) return TW_CONNECT_DENIED | TW_CONNECT_ISOLATED;
    tw_network_of_endpoint(&to, remote);
  }
  if (knobs.respond & TW_RESPOND_NETWORK) {
    enum tw_act act = tw_act_of(tw_find_verdict(&to));

    if (act == TW_ACT_DENY) return TW_CONNECT_DENIED;
    if (act == TW_ACT_REHEARSE) return TW_CONNECT_REHEARSED;
  }
  return 0;
}

#endif
