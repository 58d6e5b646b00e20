/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * The only way into the ring. It counts what was lost and skipped by kind, and it decides whether
 * the reader is woken: a wake-up costs ten times the record. What was sent the reader counts as it
 * reads: nothing is lost in between, and a count here would be a fifth of what a record costs.
 *
 * Pacing. A lazy event never wakes the reader, unless a quarter of the ring is waiting. A prompt
 * one does, unless this CPU did so less than TW_WAKE_GAP_NS ago (the reader then looks for longer
 * than that by itself), or the reader, being busy, has promised in "reader" to look again anyway. A
 * racy one always does: it is the start of a race for a file that may vanish.
 */
#ifndef TOCSIN_EMIT_BPF_H
#define TOCSIN_EMIT_BPF_H

#include "kernel_types.h"
#include "read.bpf.h"
#include "tocsin_wire.h"

#define TW_WAKE_GAP_NS 1000000ULL

enum tw_urgency { TW_LAZY, TW_PROMPT, TW_RACY };

/* Size is set by the daemon before it loads. */
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 * 1024 * 1024);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, TW_KIND_COUNT);
  __type(key, tw_u32);
  __type(value, struct tw_counter);
} counters SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, tw_u32);
  __type(value, tw_u64);
} last_wake SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, tw_u32);
  __type(value, struct tw_reader);
} reader SEC(".maps");

const volatile struct tw_knobs knobs SEC(".rodata.knobs");

/* A number for where a socket lies, to look it up by: the distance to a map that all programs
 * share. The verifier lets two pointers be subtracted, which takes no helper's call as
 * tw_address_of does. */
static __always_inline tw_u64 tw_place_of(const void* pointer) {
  tw_u64 place = (tw_u64)pointer;

  asm volatile("%0 -= %1" : "+r"(place) : "r"(&events));
  return place;
}

/* The same of a raw tracepoint's argument: a number, of which the verifier lets no pointer to a map
 * be taken away. */
static __always_inline tw_u64 tw_place_of_raw(const void* address) {
  return (tw_u64)address - tw_address_of(&events);
}

/* CLOCK_REALTIME, right to a second or so when somebody has set it. */
static __always_inline tw_u64 tw_wall_ns(void) {
  tw_u32 zero = 0;
  struct tw_reader* r = bpf_map_lookup_elem(&reader, &zero);

  return bpf_ktime_get_boot_ns() + (r ? *(volatile tw_u64*)&r->boot_to_wall_ns : 0);
}

/* Atomic because a cgroup program can be preempted by one that counts on the same CPU. */
static __always_inline void tw_count_lost(tw_u32 kind) {
  struct tw_counter* c = bpf_map_lookup_elem(&counters, &kind);

  if (c) __sync_fetch_and_add(&c->lost, 1);
}

static __always_inline void tw_count_skipped(tw_u32 kind) {
  struct tw_counter* c = bpf_map_lookup_elem(&counters, &kind);

  if (c) __sync_fetch_and_add(&c->skipped, 1);
}

static __always_inline void tw_count_unowned(tw_u32 kind) {
  struct tw_counter* c = bpf_map_lookup_elem(&counters, &kind);

  if (c) __sync_fetch_and_add(&c->unowned, 1);
}

/* NULL is counted as a loss; the caller only has to leave. size must be a constant. */
static __always_inline void* tw_reserve(tw_u32 kind, tw_u64 size) {
  void* record = bpf_ringbuf_reserve(&events, size, 0);

  if (!record) tw_count_lost(kind);
  return record;
}

static __always_inline bool tw_backlog(void) {
  return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > knobs.backlog_bytes;
}

static __always_inline tw_u64 tw_wake_flags(tw_u64 now, enum tw_urgency urgency) {
  tw_u32 zero = 0;
  struct tw_reader* r = bpf_map_lookup_elem(&reader, &zero);
  tw_u64* last;

  if (!r) return BPF_RB_FORCE_WAKEUP;
  /* The promise first: in a storm it spares the helper that looks at the backlog. */
  if (urgency != TW_RACY && now < *(volatile tw_u64*)&r->looks_until_ns) return BPF_RB_NO_WAKEUP;
  if (urgency == TW_LAZY && !tw_backlog()) return BPF_RB_NO_WAKEUP;
  last = bpf_map_lookup_elem(&last_wake, &zero);
  if (!last) return BPF_RB_FORCE_WAKEUP;
  if (urgency != TW_RACY && now - *last < TW_WAKE_GAP_NS) return BPF_RB_NO_WAKEUP;
  *last = now;
  return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void tw_submit(struct tw_header* record, enum tw_urgency urgency) {
  bpf_ringbuf_submit(record, tw_wake_flags(record->boot_ns, urgency));
}

static __always_inline void tw_discard(void* record) {
  bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
}

/* Everything a header says about a task. */
static __always_inline void tw_fill_header(bool direct, struct tw_header* h,
                                           struct task_struct* task, tw_u16 kind, tw_u32 size) {
  struct task_struct* leader = TW_GET(direct, task, group_leader);
  struct css_set* groups = TW_GET(direct, task, cgroups);
  struct cgroup* cgroup = TW_GET(direct, groups, dfl_cgrp);
  struct kernfs_node* node = TW_GET(direct, cgroup, kn);

  h->size = size;
  h->kind = kind;
  h->version = TOCSIN_WIRE_VERSION;
  h->boot_ns = bpf_ktime_get_boot_ns();
  h->start_ns = TW_GET(direct, leader, start_boottime);
  h->pid = (tw_u32)TW_GET(direct, task, tgid);
  h->tid = (tw_u32)TW_GET(direct, task, pid);
  h->cgroup_id = TW_GET(direct, node, id);
}

#endif
