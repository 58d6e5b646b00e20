/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/* Runs a file through a descriptor: execveat with an empty path. */
#include <fcntl.h>

#include "action.h"

int main(int argc, char** argv) {
  action_begin(argc, argv, 2, "FILE [ARG…]");
  const int fd = open(argv[1], O_PATH | O_CLOEXEC);
  if (fd < 0) action_fail(argv[1]);
  const struct action_exec how = {.path = argv[1], .fd = fd, .argv = argv + 1};
  action_report("exec_fd", action_spawn(&how), argv[1]);
}
