/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* System calls as tp_btf/sys_enter tells them: numbers, arguments, descriptors. */
#ifndef TOCSIN_SYSCALL_BPF_H
#define TOCSIN_SYSCALL_BPF_H

#include "kernel_types.h"
#include "tocsin_wire.h"

#define TW_TS_COMPAT 2 /* x86: the system call came through a 32-bit door */

#if defined(__TARGET_ARCH_x86)
#define TW_SYS_MMAP 9
#define TW_SYS_CONNECT 42
#define TW_SYSCALL_ARG0(regs) ((regs)->di)
#define TW_SYSCALL_ARG1(regs) ((regs)->si)
#define TW_SYSCALL_ARG2(regs) ((regs)->dx)
#define TW_SYSCALL_ARG3(regs) ((regs)->r10)
#define TW_SYSCALL_ARG4(regs) ((regs)->r8)
#elif defined(__TARGET_ARCH_arm64)
#define TW_SYS_MMAP 222
#define TW_SYS_CONNECT 203
#define TW_SYSCALL_ARG0(regs) ((regs)->regs[0])
#define TW_SYSCALL_ARG1(regs) ((regs)->regs[1])
#define TW_SYSCALL_ARG2(regs) ((regs)->regs[2])
#define TW_SYSCALL_ARG3(regs) ((regs)->regs[3])
#define TW_SYSCALL_ARG4(regs) ((regs)->regs[4])
#endif

static __always_inline bool tw_is_compat(struct task_struct* task) {
  return bpf_core_field_exists(task->thread_info.status) &&
         BPF_CORE_READ(task, thread_info.status) & TW_TS_COMPAT;
}

/* What descriptor fd of a process stands for; NULL when it is not open. */
static __always_inline struct file* tw_file_of_fd(struct task_struct* task, tw_u32 fd) {
  struct fdtable* fdt = BPF_CORE_READ(task, files, fdt);
  struct file** table = BPF_CORE_READ(fdt, fd);
  struct file* file = NULL;

  if (fd >= BPF_CORE_READ(fdt, max_fds)) return NULL;
  bpf_probe_read_kernel(&file, sizeof(file), table + fd);
  return file;
}

#endif
