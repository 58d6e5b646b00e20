/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * The exec event from the LSM hook bprm_committed_creds. Unlike a tracepoint it cannot be skipped
 * when the kernel preempts a program, and its sleepable form can have the kernel hash the file. The
 * new program's argument area has no end mark yet, so the strings are counted off one by one.
 */
#ifndef TOCSIN_LSM_EXEC_BPF_H
#define TOCSIN_LSM_EXEC_BPF_H

#include "exec.bpf.h"

#define TW_STRINGS_SMALL 48
#define TW_STRINGS_LARGE 256
#define TW_CHUNK_SMALL 256
#define TW_CHUNK_LARGE 1024
#define TW_HASH_ALGO_SHA256 4 /* enum hash_algo */
#define TW_IMA_DIGEST_MAX 64  /* SHA-512, when the site's IMA uses that */

/* Appends argc strings behind the names; a string longer than chunk comes in pieces. */
static __always_inline void tw_append_strings(struct tw_exec* e, const struct tw_exec_job* job,
                                              tw_u32 cap, tw_u32 chunk, int strings) {
  char* data = (char*)(e + 1);
  tw_u64 from = job->args_start;
  tw_u64 left = job->argc;

  for (int i = 0; i < strings; i++) {
    tw_u32 off = *(volatile tw_u32*)&e->args_len;
    tw_u64 used;
    long len;

    if (left == 0) return;
    if (off > cap - chunk) break;
    len = bpf_probe_read_user_str(data + off, chunk, (void*)from);
    if (len < 0) {
      e->flags |= TW_EXEC_ARGS_FAULT;
      return;
    }
    used = (tw_u64)len;
    if (len == chunk)
      used = chunk - 1; /* goes on: the next piece takes the place of the NUL */
    else
      left--;
    if (len == 0) { /* what older kernels (6.1 among them) say of an empty string */
      data[off] = 0;
      used = 1;
    }
    TW_FORGET(used, from);
    TW_FORGET(left, from);
    e->args_len = off + (tw_u32)used;
    from += used;
  }
  e->flags |= TW_EXEC_ARGS_CUT;
}

static __noinline int tw_strings_small(struct tw_exec* e, const struct tw_exec_job* job) {
  tw_append_strings(e, job, TW_EXEC_DATA_SMALL, TW_CHUNK_SMALL, TW_STRINGS_SMALL);
  return 0;
}

static __noinline int tw_strings_large(struct tw_exec* e, const struct tw_exec_job* job) {
  tw_append_strings(e, job, TW_EXEC_DATA_LARGE, TW_CHUNK_LARGE, TW_STRINGS_LARGE);
  return 0;
}

/* Fills a record; false when it is a small one that does not do. */
static __always_inline bool tw_fill_lsm(struct tw_exec* e, struct tw_exec_job* job,
                                        const tw_u8* digest, tw_u32 cap) {
  tw_u32 names;

  tw_fill_exec(true, e, job, cap);
  names = e->args_len;
  if (cap == TW_EXEC_DATA_SMALL)
    tw_strings_small(e, job);
  else
    tw_strings_large(e, job);
  if (cap == TW_EXEC_DATA_SMALL && (job->full || e->flags & TW_EXEC_ARGS_CUT)) return false;
  e->h.size = sizeof(*e) + e->args_len;
  e->args_len -= names;
  if (!(e->flags & TW_EXEC_ARGS_CUT)) e->args_total = e->args_len;
  if (job->flags & TW_EXEC_IMA_SHA256)
    __builtin_memcpy(e->ima_digest, digest, sizeof(e->ima_digest));
  return true;
}

/* Whether the kernel shall hash the file before it runs: only what may be gone before the reader
 * gets to it, a file without a name or one that was changed a moment ago. */
static __always_inline bool tw_wants_ima(const struct tw_exec_job* job) {
  tw_u64 changed = (tw_u64)job->id.ctime_s * 1000000000ULL + job->id.ctime_ns;

  if (!knobs.ima_fresh_ns || !(job->flags & TW_EXEC_FIRST_SEEN)) return false;
  if (job->id.size > knobs.ima_bytes_max) return false;
  return job->id.nlink == 0 || tw_wall_ns() < changed + knobs.ima_fresh_ns;
}

static __always_inline int tw_on_exec_lsm(struct linux_binprm* bprm, bool may_sleep) {
  tw_u8 digest[TW_IMA_DIGEST_MAX] = {};
  struct tw_exec_job job = {.task = bpf_get_current_task_btf(), .bprm = bprm};
  struct tw_exec* e;
  bool first;

  job.file = bprm->file;
  tw_read_file(true, job.file, &job.id);
  tw_exec_flags_of(true, &job);
  job.args_start = bprm->p;
  job.argc = bprm->argc > 0 ? (tw_u32)bprm->argc : 0;
  job.args_total = (tw_u32)(bprm->exec - bprm->p);
  first = job.flags & TW_EXEC_FIRST_SEEN;
  /* Before a record is reserved: a file takes its time, and a held record stops the ring. */
  if (may_sleep && tw_wants_ima(&job) &&
      bpf_ima_file_hash(job.file, digest, sizeof(digest)) == TW_HASH_ALGO_SHA256)
    job.flags |= TW_EXEC_IMA_SHA256;

  e = tw_reserve(TW_EXEC, sizeof(*e) + TW_EXEC_DATA_SMALL);
  if (!e) return 0;
  if (tw_fill_lsm(e, &job, digest, TW_EXEC_DATA_SMALL)) {
    tw_submit(&e->h, first ? TW_RACY : TW_PROMPT);
    return 0;
  }
  tw_discard(e);
  e = tw_reserve(TW_EXEC, sizeof(*e) + TW_EXEC_DATA_LARGE);
  if (!e) return 0;
  tw_fill_lsm(e, &job, digest, TW_EXEC_DATA_LARGE);
  tw_submit(&e->h, first ? TW_RACY : TW_PROMPT);
  return 0;
}

#endif
