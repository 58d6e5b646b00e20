// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright 2026 The tocsin authors
// Refuses to execute, or to map executable, what is listed by SHA-256: at the first sight of the
// content, whatever its name, because the kernel hashes it here. Loaded only where the response
// asks for it. A file that was judged and has not changed since costs one look-up.

#include "compat.bpf.h"
#include "file.bpf.h"
#include "path.bpf.h"
#include "respond.bpf.h"
#include "task.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TW_EPERM 1
#define TW_PROT_EXEC 4
#define TW_HASH_ALGO_SHA256 4 /* enum hash_algo */
#define TW_IMA_DIGEST_MAX 64  /* SHA-512, when the site's IMA uses that */

struct tw_digest {
  tw_u8 bytes[32];
};

/* Its size is set by the daemon before it loads. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, struct tw_digest);
  __type(value, struct tw_verdict);
} denied_digests SEC(".maps");

/* As it was when it was judged: any write, rename or chmod makes it another. */
struct tw_file_key {
  tw_u64 ino;
  tw_u64 size;
  tw_s64 ctime_s;
  tw_s64 mtime_s;
  tw_u32 ctime_ns;
  tw_u32 mtime_ns;
  tw_u32 dev;
  tw_u32 pad;
};

/* Which list of digests a file was judged by: the daemon raises it with each change. */
struct tw_judged {
  tw_u64 edition;
  struct tw_digest digest; /* only when it is listed */
  tw_u32 listed;
  tw_u32 pad;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1);
  __type(key, struct tw_file_key);
  __type(value, struct tw_judged);
} judged_files SEC(".maps");

struct tw_deny_state deny_state SEC(".data.deny");

struct tw_deny_job {
  tw_u64 begin_ns;
  struct tw_file id;
  struct tw_digest digest;
  tw_u32 flags;
  enum tw_act act;
};

static __always_inline void tw_file_key_of(struct tw_file_key* key, const struct tw_file* file) {
  key->ino = file->ino;
  key->size = file->size;
  key->ctime_s = file->ctime_s;
  key->mtime_s = file->mtime_s;
  key->ctime_ns = file->ctime_ns;
  key->mtime_ns = file->mtime_ns;
  key->dev = file->dev;
  key->pad = 0;
}

static __noinline int tw_tell_refused(struct tw_deny_job* job, struct file* file) {
  struct task_struct* task = (void*)bpf_get_current_task();
  struct fs_struct* fs = BPF_CORE_READ(task, fs);
  struct tw_walk walk = {
      .dentry = BPF_CORE_READ(file, f_path.dentry),
      .mnt = BPF_CORE_READ(file, f_path.mnt),
      .root_dentry = BPF_CORE_READ(fs, root.dentry),
      .root_mnt = BPF_CORE_READ(fs, root.mnt),
  };
  struct tw_refused* e = tw_reserve(TW_REFUSED, sizeof(*e) + TW_MODULE_PATH_MAX);

  if (!e) return 0;
  tw_fill_header(false, &e->h, task, TW_REFUSED, sizeof(*e));
  e->file = job->id;
  __builtin_memcpy(e->digest, &job->digest, sizeof(e->digest));
  e->took_ns = e->h.boot_ns - job->begin_ns;
  e->flags = job->flags;
  if (job->act == TW_ACT_REHEARSE) e->flags |= TW_REFUSED_REHEARSED;
  e->path_len = 0;
  tw_append_path((char*)(e + 1), &e->path_len, &walk, TW_MODULE_PATH_MAX);
  e->h.size = sizeof(*e) + e->path_len;
  tw_submit(&e->h, TW_PROMPT);
  return 0;
}

/* Whether a write moves the change time of a file, so that equal times mean equal content. Not
 * where somebody else keeps the times (FUSE, network), where they are another file's (overlay) or
 * coarse (FAT); of memory only where the daemon found that writes through a mapping do. */
static __always_inline bool tw_times_tell(const struct tw_file* id) {
  switch (id->fs_magic) {
    case TW_TMPFS_MAGIC:
      return *(volatile tw_u32*)&deny_state.memory_tells;
    case 0xEF53:     /* ext4 */
    case 0x58465342: /* xfs */
    case 0x9123683E: /* btrfs */
    case 0xF2F52010: /* f2fs */
    case 0x73717368: /* squashfs */
    case 0xE0F5E1E2: /* erofs */
      return true;
    default:
      return false;
  }
}

/* Files change within the grain of their times without looking changed: only one that has been left
 * alone for a while keeps its verdict. And only one that nobody has open for writing: who wrote to
 * a mapping once may do so again without moving the times. */
static __always_inline bool tw_is_settled(const struct tw_file* id, struct file* file) {
  tw_u64 changed = (tw_u64)id->ctime_s * 1000000000ULL + id->ctime_ns;

  if (file->f_inode->i_writecount.counter > 0) return false;
  return changed + knobs.ima_settled_ns < tw_wall_ns();
}

/* Hashes the file and, where that may be, keeps the verdict; false: the kernel gave no SHA-256, or
 * it is not listed. */
static __always_inline bool tw_judge_content(struct tw_deny_job* job, struct file* file,
                                             const struct tw_file_key* key, bool keeps) {
  struct tw_judged judged = {.edition = deny_state.edition};
  tw_u8 digest[TW_IMA_DIGEST_MAX] = {};

  if (job->id.size > knobs.ima_bytes_max) {
    __sync_fetch_and_add(&deny_state.too_large, 1);
    return false;
  }
  if (bpf_ima_file_hash(file, digest, sizeof(digest)) != TW_HASH_ALGO_SHA256) {
    __sync_fetch_and_add(&deny_state.unread, 1);
    return false;
  }
  __builtin_memcpy(&job->digest, digest, sizeof(job->digest));
  judged.listed = bpf_map_lookup_elem(&denied_digests, &job->digest) != NULL;
  judged.digest = job->digest;
  if (keeps && tw_is_settled(&job->id, file))
    bpf_map_update_elem(&judged_files, key, &judged, BPF_ANY);
  return judged.listed;
}

/* 0, or what the hook returns. may_hash: in a program that may sleep. */
static __always_inline int tw_deny_file(struct file* file, tw_u32 flags, bool may_hash) {
  struct tw_deny_job job = {.begin_ns = bpf_ktime_get_boot_ns(), .flags = flags};
  struct tw_judged* judged = NULL;
  struct tw_file_key key;
  bool keeps;

  tw_read_file(true, file, &job.id);
  if ((job.id.mode & TW_MODE_TYPE) != TW_MODE_REGULAR) return 0;
  keeps = tw_times_tell(&job.id);
  tw_file_key_of(&key, &job.id);
  if (keeps) judged = bpf_map_lookup_elem(&judged_files, &key);
  if (judged && judged->edition == deny_state.edition) {
    if (!judged->listed) return 0;
    job.digest = judged->digest;
    job.flags |= TW_REFUSED_KNOWN;
  } else if (!may_hash || !tw_judge_content(&job, file, &key, keeps)) {
    return 0;
  }
  job.act = tw_act_of(bpf_map_lookup_elem(&denied_digests, &job.digest));
  if (job.act == TW_ACT_SPARE) return 0;
  tw_tell_refused(&job, file);
  return job.act == TW_ACT_DENY ? -TW_EPERM : 0;
}

// For a script it runs twice: for the script and for its interpreter.
SEC("lsm.s/bprm_check_security")
int BPF_PROG(deny_exec, struct linux_binprm* bprm, int before) {
  if (before) return before;
  return tw_deny_file(bprm->file, 0, true);
}

SEC("lsm.s/mmap_file")
int BPF_PROG(deny_library, struct file* file, unsigned long asked, unsigned long prot,
             unsigned long mapping, int before) {
  if (before || !(prot & TW_PROT_EXEC) || TW_IS_NULL(file)) return before;
  return tw_deny_file(file, TW_REFUSED_LIBRARY, true);
}

// Under the lock of the address space nothing may be read: only what is known is refused.
SEC("lsm/file_mprotect")
int BPF_PROG(deny_mprotect, struct vm_area_struct* vma, unsigned long asked, unsigned long prot,
             int before) {
  struct file* file = vma->vm_file;

  if (before || !(prot & TW_PROT_EXEC) || TW_IS_NULL(file)) return before;
  return tw_deny_file(file, TW_REFUSED_LIBRARY, false);
}
