/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/* Runs a file's content from memory: no path ever names it. */
#include <sys/mman.h>

#include "action.h"

int main(int argc, char** argv) {
  action_begin(argc, argv, 2, "FILE [ARG…]");
  const int fd = memfd_create("payload", MFD_CLOEXEC);
  if (fd < 0) action_fail("memfd_create");
  action_copy_to_fd(argv[1], fd);
  const struct action_exec how = {.path = argv[1], .fd = fd, .argv = argv + 1};
  action_report("exec_memfd", action_spawn(&how), "memfd:payload");
}
