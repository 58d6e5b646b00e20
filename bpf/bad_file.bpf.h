/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Files that the daemon found to be listed, by identity: who executes or maps one again is killed
 * in the hook, before its first instruction in user mode. Works on every kernel; the content of a
 * file that nobody has hashed yet needs deny.bpf.c.
 */
#ifndef TOCSIN_BAD_FILE_BPF_H
#define TOCSIN_BAD_FILE_BPF_H

#include "respond.bpf.h"

#define TW_SIGKILL 9

/* Its size is set by the daemon before it loads. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, struct tw_bad_key);
  __type(value, struct tw_verdict);
} bad_files SEC(".maps");

static __always_inline enum tw_act tw_act_about(const struct tw_file* file) {
  struct tw_bad_key key = {.ino = file->ino,
                           .size = file->size,
                           .mtime_s = file->mtime_s,
                           .mtime_ns = file->mtime_ns,
                           .dev = file->dev,
                           .generation = file->generation};

  return tw_act_of(bpf_map_lookup_elem(&bad_files, &key));
}

/* Flags for the exec event. The current task is the one that executes. */
static __always_inline tw_u64 tw_answer_exec(const struct tw_file* file) {
  enum tw_act act;

  if (!(knobs.respond & TW_RESPOND_FILES)) return 0;
  act = tw_act_about(file);
  if (act == TW_ACT_REHEARSE) return TW_EXEC_REHEARSED;
  if (act != TW_ACT_DENY) return 0;
  return bpf_send_signal(TW_SIGKILL) == 0 ? TW_EXEC_KILLED : 0;
}

#endif
