// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright 2026 The tocsin authors
// fork, exec, mapped libraries, exit and new control groups. Each event has several programs that
// differ only in how they are attached; the daemon loads the first that this kernel takes
// (README.md).

#include "emit.bpf.h"
#include "exec.bpf.h"
#include "kernel_types.h"
#include "lsm_exec.bpf.h"
#include "module.bpf.h"
#include "syscall.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TW_SIGNAL_GROUP_EXIT 0x4

// parent is who called fork: with CLONE_PARENT the child's real_parent is somebody else, whose
// program it does not run.
static __always_inline int on_fork(bool direct, struct task_struct* parent,
                                   struct task_struct* child) {
  struct task_struct* leader = TW_GET(direct, parent, group_leader);
  struct tw_fork* e;

  if (TW_GET(direct, child, pid) != TW_GET(direct, child, tgid)) {
    tw_count_skipped(TW_FORK);
    return 0;
  }
  e = tw_reserve(TW_FORK, sizeof(*e));
  if (!e) return 0;
  tw_fill_header(direct, &e->h, child, TW_FORK, sizeof(*e));
  e->parent_pid = (tw_u32)TW_GET(direct, parent, tgid);
  e->parent_start_ns = TW_GET(direct, leader, start_boottime);
  e->pad = 0;
  tw_submit(&e->h, TW_LAZY);
  return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(fork_btf, struct task_struct* parent, struct task_struct* child) {
  return on_fork(true, parent, child);
}

SEC("raw_tp/sched_process_fork")
int BPF_PROG(fork_raw, struct task_struct* parent, struct task_struct* child) {
  return on_fork(false, parent, child);
}

// The process ends with its last thread. Two threads that leave at the very same moment may both
// report it: the reader takes the second for nothing new.
static __always_inline int on_exit(bool direct, struct task_struct* task) {
  struct signal_struct* signal = TW_GET(direct, task, signal);
  struct tw_exit* e;

  if (TW_GET(direct, signal, live.counter) != 0) {
    tw_count_skipped(TW_EXIT);
    return 0;
  }
  e = tw_reserve(TW_EXIT, sizeof(*e));
  if (!e) return 0;
  tw_fill_header(direct, &e->h, task, TW_EXIT, sizeof(*e));
  if (TW_GET(direct, signal, flags) & TW_SIGNAL_GROUP_EXIT)
    e->exit_code = TW_GET(direct, signal, group_exit_code);
  else
    e->exit_code = TW_GET(direct, task, exit_code);
  e->pad = 0;
  tw_submit(&e->h, TW_LAZY);
  return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exit_btf, struct task_struct* task) {
  return on_exit(true, task);
}

SEC("raw_tp/sched_process_exit")
int BPF_PROG(exit_raw, struct task_struct* task) {
  return on_exit(false, task);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_btf, struct task_struct* task, int old_pid, struct linux_binprm* bprm) {
  return tw_on_exec(true, task, bprm);
}

// The same program once more: where tracepoint programs can be preempted, the kernel skips a
// program that is pending on the CPU, but not its copy.
SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_btf_copy, struct task_struct* task, int old_pid, struct linux_binprm* bprm) {
  return tw_on_exec(true, task, bprm);
}

SEC("lsm.s/bprm_committed_creds")
int BPF_PROG(exec_lsm_ima, struct linux_binprm* bprm) {
  return tw_on_exec_lsm(bprm, true);
}

SEC("lsm/bprm_committed_creds")
int BPF_PROG(exec_lsm, struct linux_binprm* bprm) {
  return tw_on_exec_lsm(bprm, false);
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(exec_raw, struct task_struct* task, int old_pid, struct linux_binprm* bprm) {
  return tw_on_exec(false, task, bprm);
}

// An attempt: whether the mapping comes about is decided behind this.
SEC("lsm/mmap_file")
int BPF_PROG(module_lsm, struct file* file, unsigned long asked, unsigned long prot) {
  if (prot & TW_PROT_EXEC) tw_on_module(true, bpf_get_current_task_btf(), file);
  return 0;
}

// Mapped without the right to execute, and given it later.
SEC("lsm/file_mprotect")
int BPF_PROG(module_mprotect_lsm, struct vm_area_struct* vma, unsigned long asked,
             unsigned long prot) {
  if (prot & TW_PROT_EXEC) tw_on_module(true, bpf_get_current_task_btf(), vma->vm_file);
  return 0;
}

// 5.10 has no typed current task: read by probe, so that these serve where no LSM program does.
SEC("fentry/security_mmap_file")
int BPF_PROG(module_fentry, struct file* file, unsigned long prot) {
  if (prot & TW_PROT_EXEC) tw_on_module(false, (void*)bpf_get_current_task(), file);
  return 0;
}

SEC("fentry/security_file_mprotect")
int BPF_PROG(module_mprotect_fentry, struct vm_area_struct* vma, unsigned long asked,
             unsigned long prot) {
  if (prot & TW_PROT_EXEC) tw_on_module(false, (void*)bpf_get_current_task(), vma->vm_file);
  return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(module_syscall, struct pt_regs* regs, long id) {
  struct task_struct* task;

  if (id != TW_SYS_MMAP || !(TW_SYSCALL_ARG2(regs) & TW_PROT_EXEC) ||
      TW_SYSCALL_ARG3(regs) & TW_MAP_ANONYMOUS)
    return 0;
  task = (void*)bpf_get_current_task();
  if (!tw_is_compat(task))
    tw_on_module(false, task, tw_file_of_fd(task, (tw_u32)TW_SYSCALL_ARG4(regs)));
  return 0;
}

// Only the unified hierarchy: its ids are the ones that events carry.
static __always_inline int on_cgroup_mkdir(struct cgroup* cgroup, const char* path) {
  struct task_struct* task = (void*)bpf_get_current_task();
  struct tw_cgroup* e;
  long len;

  if (BPF_CORE_READ(cgroup, root, hierarchy_id) != 0) {
    tw_count_skipped(TW_CGROUP);
    return 0;
  }
  e = tw_reserve(TW_CGROUP, sizeof(*e));
  if (!e) return 0;
  tw_fill_header(false, &e->h, task, TW_CGROUP, sizeof(*e));
  e->h.cgroup_id = BPF_CORE_READ(cgroup, kn, id);
  e->hierarchy = 0;
  __builtin_memset(e->path, 0, sizeof(e->path));
  len = bpf_probe_read_kernel_str(e->path, sizeof(e->path), path);
  e->path_len = len > 0 ? (tw_u32)len - 1 : 0;
  /* An isolated group that is made anew is to be found before its first contact. */
  tw_submit(&e->h, *(volatile tw_u32*)&isolation.on ? TW_PROMPT : TW_LAZY);
  return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_btf, struct cgroup* cgroup, const char* path) {
  return on_cgroup_mkdir(cgroup, path);
}

SEC("raw_tp/cgroup_mkdir")
int BPF_PROG(cgroup_raw, struct cgroup* cgroup, const char* path) {
  return on_cgroup_mkdir(cgroup, path);
}
