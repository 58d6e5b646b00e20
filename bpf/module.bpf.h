/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Files mapped executable that are not the program itself: libraries, plug-ins, the dynamic loader.
 * A pair of program and library is told once in knobs.module_gap_ns, so that a storm of like
 * processes tells nothing; changed content is another file here, and told at once. Who maps a file
 * that is known to be listed is killed, and told each time.
 */
#ifndef TOCSIN_MODULE_BPF_H
#define TOCSIN_MODULE_BPF_H

#include "bad_file.bpf.h"
#include "compat.bpf.h"
#include "emit.bpf.h"
#include "file.bpf.h"
#include "path.bpf.h"
#include "task.bpf.h"

#define TW_PROT_EXEC 4
#define TW_MAP_ANONYMOUS 0x20

struct tw_module_side {
  tw_u64 ino;
  tw_s64 ctime_s;
  tw_u32 ctime_ns;
  tw_u32 dev;
};

struct tw_module_pair {
  struct tw_module_side module;
  struct tw_module_side program;
};

/* CLOCK_BOOTTIME of the last telling. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, struct tw_module_pair);
  __type(value, tw_u64);
} told_modules SEC(".maps");

struct tw_module_job {
  struct task_struct* task;
  struct file* file;
  struct tw_file id;
  const struct tw_module_pair* pair;
  tw_u32 flags; /* enum tw_module_flags */
};

static __always_inline void tw_module_side_of(const struct tw_file* id,
                                              struct tw_module_side* side) {
  side->ino = id->ino;
  side->ctime_s = id->ctime_s;
  side->ctime_ns = id->ctime_ns;
  side->dev = id->dev;
}

/* True when it is to be told; then it counts as told. */
static __always_inline bool tw_module_is_due(const struct tw_module_pair* pair) {
  tw_u64 now = bpf_ktime_get_boot_ns();
  tw_u64* told = bpf_map_lookup_elem(&told_modules, pair);

  if (told && now - *(volatile tw_u64*)told < knobs.module_gap_ns) return false;
  if (told)
    *(volatile tw_u64*)told = now;
  else
    bpf_map_update_elem(&told_modules, pair, &now, BPF_ANY);
  return true;
}

/* Not 0: the current task, which maps the file, was sent SIGKILL. Rehearsed, it stays with once in
 * a gap: nothing else would hold up who maps it in a loop. */
static __noinline int tw_answer_module(struct tw_module_job* job) {
  enum tw_act act = tw_act_about(&job->id);

  if (act == TW_ACT_REHEARSE) job->flags = TW_MODULE_REHEARSED;
  if (act != TW_ACT_DENY || bpf_send_signal(TW_SIGKILL) != 0) return 0;
  job->flags = TW_MODULE_KILLED;
  return 1;
}

static __noinline int tw_tell_module(struct tw_module_job* job) {
  struct task_struct* task = job->task;
  struct file* file = job->file;
  struct fs_struct* fs = BPF_CORE_READ(task, fs);
  struct mnt_namespace* mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns);
  struct inode* root = BPF_CORE_READ(fs, root.dentry, d_inode);
  struct tw_walk walk = {
      .dentry = BPF_CORE_READ(file, f_path.dentry),
      .mnt = BPF_CORE_READ(file, f_path.mnt),
      .root_dentry = BPF_CORE_READ(fs, root.dentry),
      .root_mnt = BPF_CORE_READ(fs, root.mnt),
  };
  struct tw_module* e = tw_reserve(TW_MODULE, sizeof(*e) + TW_MODULE_PATH_MAX);
  int end;

  if (!e) { /* counted as lost: told at the next mapping */
    bpf_map_delete_elem(&told_modules, job->pair);
    return 0;
  }
  tw_fill_header(false, &e->h, task, TW_MODULE, sizeof(*e));
  e->file = job->id;
  e->program_ino = job->pair->program.ino;
  e->program_dev = job->pair->program.dev;
  e->mnt_ns = BPF_CORE_READ(mnt_ns, ns.inum);
  e->mnt_ns_id = tw_mnt_ns_id(false, mnt_ns);
  if (!e->mnt_ns_id) e->mnt_ns_id = e->mnt_ns;
  e->root_ino = BPF_CORE_READ(root, i_ino);
  e->root_dev = BPF_CORE_READ(root, i_sb, s_dev);
  e->flags = job->flags;
  if (tw_is_memfd(file, &job->id)) e->flags |= TW_MODULE_MEMFD;
  e->pad = 0;
  e->path_len = 0;
  end = tw_append_path((char*)(e + 1), &e->path_len, &walk, TW_MODULE_PATH_MAX);
  if (end == TW_WALK_CUT || end == TW_WALK_FULL) e->flags |= TW_MODULE_PATH_CUT;
  if (end == TW_WALK_DISCONNECTED) e->flags |= TW_MODULE_DISCONNECTED;
  e->h.size = sizeof(*e) + e->path_len;
  tw_submit(&e->h, TW_PROMPT);
  return 0;
}

/* file is about to be mapped executable by the current task. */
static __always_inline void tw_on_module(bool direct, struct task_struct* task, struct file* file) {
  struct mm_struct* mm = TW_GET(direct, task, mm);
  struct tw_module_job job = {.task = task, .file = file};
  struct tw_module_pair pair = {};
  struct file* program;
  struct tw_file id = {};

  if (TW_IS_NULL(file) || !mm) return;
  program = TW_GET(direct, mm, exe_file);
  if (!program) return;
  tw_read_file(direct, file, &job.id);
  if ((job.id.mode & TW_MODE_TYPE) != TW_MODE_REGULAR) return;
  tw_read_file(direct, program, &id);
  if (id.ino == job.id.ino && id.dev == job.id.dev) return;
  tw_module_side_of(&job.id, &pair.module);
  tw_module_side_of(&id, &pair.program);
  if (!(knobs.respond & TW_RESPOND_FILES && tw_answer_module(&job)) && !tw_module_is_due(&pair)) {
    tw_count_skipped(TW_MODULE);
    return;
  }
  job.pair = &pair;
  tw_tell_module(&job);
}

#endif
