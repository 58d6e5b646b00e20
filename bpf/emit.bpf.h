/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * The only way into the ring. It counts what was sent, lost and skipped by kind, and it decides
 * whether the reader is woken: a wake-up costs ten times the record.
 *
 * Pacing. The reader promises in "reader" until when it will look again by itself; up to then no
 * event wakes it. Otherwise an event wakes it unless the last wake-up from this CPU is less than
 * TW_WAKE_GAP_NS ago: that wake-up made the reader look for longer than the gap. `force` is for
 * events that start a race (an unknown file was executed and may vanish).
 */
#ifndef TOCSIN_EMIT_BPF_H
#define TOCSIN_EMIT_BPF_H

#include "kernel_types.h"
#include "read.bpf.h"
#include "tocsin_wire.h"

#define TW_WAKE_GAP_NS 1000000ULL

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

/* Atomic because a cgroup program can be preempted by one that counts on the same CPU. */
static __always_inline void tw_count_lost(tw_u32 kind) {
  struct tw_counter* c = bpf_map_lookup_elem(&counters, &kind);

  if (c) __sync_fetch_and_add(&c->lost, 1);
}

static __always_inline void tw_count_skipped(tw_u32 kind) {
  struct tw_counter* c = bpf_map_lookup_elem(&counters, &kind);

  if (c) __sync_fetch_and_add(&c->skipped, 1);
}

/* NULL is counted as a loss; the caller only has to leave. size must be a constant. */
static __always_inline void* tw_reserve(tw_u32 kind, tw_u64 size) {
  void* record = bpf_ringbuf_reserve(&events, size, 0);

  if (!record) tw_count_lost(kind);
  return record;
}

static __always_inline tw_u64 tw_wake_flags(tw_u64 now, bool force) {
  tw_u32 zero = 0;
  tw_u64* last = bpf_map_lookup_elem(&last_wake, &zero);
  struct tw_reader* r = bpf_map_lookup_elem(&reader, &zero);

  if (!last || !r) return BPF_RB_FORCE_WAKEUP;
  if (!force) {
    if (now < *(volatile tw_u64*)&r->looks_until_ns) return BPF_RB_NO_WAKEUP;
    if (now - *last < TW_WAKE_GAP_NS) return BPF_RB_NO_WAKEUP;
  }
  *last = now;
  return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void tw_submit(struct tw_header* record, tw_u32 kind, bool force) {
  struct tw_counter* c = bpf_map_lookup_elem(&counters, &kind);

  if (c) __sync_fetch_and_add(&c->sent, 1);
  bpf_ringbuf_submit(record, tw_wake_flags(record->boot_ns, force));
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

/* The same for the current task, where only helpers are at hand (cgroup programs). */
static __always_inline void tw_fill_header_current(struct tw_header* h, tw_u16 kind, tw_u32 size) {
  struct task_struct* task = (void*)bpf_get_current_task();
  tw_u64 id = bpf_get_current_pid_tgid();

  h->size = size;
  h->kind = kind;
  h->version = TOCSIN_WIRE_VERSION;
  h->boot_ns = bpf_ktime_get_boot_ns();
  h->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
  h->pid = (tw_u32)(id >> 32);
  h->tid = (tw_u32)id;
  h->cgroup_id = bpf_get_current_cgroup_id();
}

#endif
