/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* Builds one exec event from the task and the binary parameters of the exec that just succeeded. */
#ifndef TOCSIN_EXEC_BPF_H
#define TOCSIN_EXEC_BPF_H

#include "bad_file.bpf.h"
#include "compat.bpf.h"
#include "emit.bpf.h"
#include "file.bpf.h"
#include "path.bpf.h"
#include "task.bpf.h"

/* Longest argument bytes a small record takes; with the names it must fit TW_EXEC_DATA_SMALL. */
#define TW_ARGS_SMALL 512
#define TW_ARGS_LARGE 16384
#define TW_NAMES_SMALL (TW_EXEC_DATA_SMALL - TW_ARGS_SMALL)
#define TW_NAMES_LARGE (TW_EXEC_DATA_LARGE - TW_ARGS_LARGE)

/* Execs reported lately, used only while two copies of the program run. */
struct tw_exec_mark {
  tw_u64 start_ns;
  tw_u64 exec_id;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, struct tw_exec_mark);
  __type(value, tw_u8);
} exec_marks SEC(".maps");

#define TW_EEXIST 17

struct tw_exec_job {
  struct task_struct* task;
  struct linux_binprm* bprm;
  struct file* file;
  tw_u64 args_start;
  tw_u32 argc; /* only where the end of the arguments is not known yet */
  tw_u32 args_total;
  tw_u32 flags;
  tw_u64 full; /* not 0: a name found no room in the record */
  struct tw_file id;
};

/* Appends a NUL-terminated kernel string; returns its length without the NUL. */
static __always_inline tw_u16 tw_append_name(struct tw_exec* e, const char* name, tw_u32 cap,
                                             tw_u32 cut_flag, tw_u64* full) {
  char* data = (char*)(e + 1);
  tw_u32 off = *(volatile tw_u32*)&e->args_len;
  long len;

  if (off > cap - TW_FILENAME_MAX) {
    e->flags |= cut_flag;
    *full = 1;
    return 0;
  }
  len = bpf_probe_read_kernel_str(data + off, TW_FILENAME_MAX, name);
  if (len <= 1) return 0;
  if (len == TW_FILENAME_MAX) e->flags |= cut_flag;
  e->args_len = off + (tw_u32)len;
  return (tw_u16)len;
}

/* Path, working directory, file name and interpreter. */
static __noinline int tw_fill_names(struct tw_exec* e, struct tw_exec_job* job, tw_u32 cap) {
  struct task_struct* task = job->task;
  struct linux_binprm* bprm = job->bprm;
  struct file* file = job->file;
  struct fs_struct* fs = BPF_CORE_READ(task, fs);
  struct tw_walk walk = {
      .dentry = BPF_CORE_READ(file, f_path.dentry),
      .mnt = BPF_CORE_READ(file, f_path.mnt),
      .root_dentry = BPF_CORE_READ(fs, root.dentry),
      .root_mnt = BPF_CORE_READ(fs, root.mnt),
  };
  const char* filename = BPF_CORE_READ(bprm, filename);
  const char* interp = BPF_CORE_READ(bprm, interp);
  struct inode* root = BPF_CORE_READ(fs, root.dentry, d_inode);
  int end;

  e->root_ino = BPF_CORE_READ(root, i_ino);
  e->root_dev = BPF_CORE_READ(root, i_sb, s_dev);
  e->args_len = 0;
  end = tw_append_path((char*)(e + 1), &e->args_len, &walk, cap);
  job->full = end == TW_WALK_FULL;
  TW_FORGET(job->full, job->id.ino);
  if (end == TW_WALK_CUT || end == TW_WALK_FULL) e->flags |= TW_EXEC_PATH_CUT;
  if (end == TW_WALK_DISCONNECTED) e->flags |= TW_EXEC_DISCONNECTED;
  e->path_len = (tw_u16)e->args_len;

  walk.dentry = BPF_CORE_READ(fs, pwd.dentry);
  walk.mnt = BPF_CORE_READ(fs, pwd.mnt);
  end = tw_append_path((char*)(e + 1), &e->args_len, &walk, cap);
  job->full |= end == TW_WALK_FULL;
  TW_FORGET(job->full, job->id.ino);
  if (end != TW_WALK_ROOT) e->flags |= TW_EXEC_CWD_CUT;
  e->cwd_len = (tw_u16)(e->args_len - e->path_len);

  e->filename_len = tw_append_name(e, filename, cap, TW_EXEC_FILENAME_CUT, &job->full);
  e->interp_len = 0;
  if (interp != filename) {
    e->flags |= TW_EXEC_SCRIPT;
    e->interp_len = tw_append_name(e, interp, cap, TW_EXEC_INTERP_CUT, &job->full);
  }
  return 0;
}

static __always_inline void tw_fill_exec(bool direct, struct tw_exec* e, struct tw_exec_job* job,
                                         tw_u32 cap) {
  struct task_struct* task = job->task;
  struct task_struct* parent = TW_GET(direct, task, real_parent);
  struct task_struct* leader = TW_GET(direct, parent, group_leader);

  tw_fill_header(direct, &e->h, task, TW_EXEC, sizeof(*e));
  e->file = job->id;
  e->flags = job->flags;
  e->parent_pid = (tw_u32)TW_GET(direct, parent, tgid);
  e->parent_start_ns = TW_GET(direct, leader, start_boottime);
  e->args_total = job->args_total;
  tw_read_namespaces(direct, task, e);
  tw_read_ids(direct, task, e);
  tw_read_stdio(direct, task, e);
  __builtin_memset(e->ima_digest, 0, sizeof(e->ima_digest));
  tw_fill_names(e, job, cap);
}

/* Copies at most room bytes (a power of two, constant) of arguments behind the names. */
static __always_inline void tw_append_args(struct tw_exec* e, struct tw_exec_job* job, tw_u32 names,
                                           tw_u32 room) {
  char* data = (char*)(e + 1);
  tw_u32 off = *(volatile tw_u32*)&e->args_len;
  tw_u32 want = job->args_total;

  e->args_len = 0;
  e->h.size = sizeof(*e) + off;
  if (want == 0) return;
  if (want > room) {
    want = room;
    e->flags |= TW_EXEC_ARGS_CUT;
  }
  if (off > names) { /* only a large record gets here: huge names leave no room */
    e->flags |= TW_EXEC_ARGS_CUT;
    return;
  }
  want = ((want - 1) & (room - 1)) + 1;
  if (bpf_probe_read_user(data + off, want, (void*)job->args_start)) {
    e->flags |= TW_EXEC_ARGS_FAULT;
    return;
  }
  e->args_len = want;
  e->h.size += want;
}

static __always_inline void tw_exec_flags_of(bool direct, struct tw_exec_job* job) {
  struct linux_binprm* bprm = job->bprm;
  struct file* file = job->file;
  tw_u64 flags = 0;

  if (job->id.nlink == 0) flags |= TW_EXEC_UNLINKED;
  if (tw_is_memfd(file, &job->id)) flags |= TW_EXEC_MEMFD;
  if (TW_GET(direct, bprm, fdpath)) flags |= TW_EXEC_FD;
  if (BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec)) flags |= TW_EXEC_SECURE;
  if (tw_first_seen(&job->id)) flags |= TW_EXEC_FIRST_SEEN;
  flags |= tw_answer_exec(&job->id);
  TW_FORGET(flags, job->id.ino);
  job->flags = (tw_u32)flags;
}

/* True the first time, and when the map has no room: rather told twice than not. Only while two
 * copies run is there a question. */
static __always_inline bool tw_mark_exec(bool direct, struct task_struct* task) {
  struct tw_exec_mark mark = {
      .start_ns = TW_GET(direct, task, start_boottime),
      .exec_id = tw_exec_id(direct, task) << 32 | (tw_u32)TW_GET(direct, task, tgid)};
  tw_u8 one = 1;
  /* Older kernels return an int, whose upper half here is not its sign. */
  int result = (int)bpf_map_update_elem(&exec_marks, &mark, &one, BPF_NOEXIST);

  return result != -TW_EEXIST;
}

static __always_inline bool tw_runs_twice(void) {
  tw_u32 zero = 0;
  struct tw_reader* r = bpf_map_lookup_elem(&reader, &zero);

  return r && *(volatile tw_u32*)&r->exec_twice;
}

static __always_inline int tw_on_exec(bool direct, struct task_struct* task,
                                      struct linux_binprm* bprm) {
  struct tw_exec_job job = {.task = task, .bprm = bprm};
  struct mm_struct* mm = TW_GET(direct, task, mm);
  struct tw_exec* e;
  bool first;

  if (tw_runs_twice() && !tw_mark_exec(direct, task)) return 0;
  job.file = TW_GET(direct, bprm, file);
  tw_read_file(direct, job.file, &job.id);
  tw_exec_flags_of(direct, &job);
  /* Never direct: values that bound a copy are traced back by the verifier; up to 6.1 it cannot
   * then merge any two states on the way here and gives up. */
  job.args_start = TW_GET(false, mm, arg_start);
  job.args_total = (tw_u32)(TW_GET(false, mm, arg_end) - job.args_start);
  first = job.flags & TW_EXEC_FIRST_SEEN;

  if (job.args_total <= TW_ARGS_SMALL) {
    e = tw_reserve(TW_EXEC, sizeof(*e) + TW_EXEC_DATA_SMALL);
    if (!e) return 0;
    tw_fill_exec(direct, e, &job, TW_EXEC_DATA_SMALL);
    if (!job.full && e->args_len <= TW_NAMES_SMALL) {
      tw_append_args(e, &job, TW_NAMES_SMALL, TW_ARGS_SMALL);
      tw_submit(&e->h, first ? TW_RACY : TW_PROMPT);
      return 0;
    }
    tw_discard(e);
  }
  TW_FORGET(job.args_total, job.id.ino);
  e = tw_reserve(TW_EXEC, sizeof(*e) + TW_EXEC_DATA_LARGE);
  if (!e) return 0;
  tw_fill_exec(direct, e, &job, TW_EXEC_DATA_LARGE);
  tw_append_args(e, &job, TW_NAMES_LARGE, TW_ARGS_LARGE);
  tw_submit(&e->h, first ? TW_RACY : TW_PROMPT);
  return 0;
}

#endif
