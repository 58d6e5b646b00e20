/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/* Runs a file whose name is removed: before the exec (through a descriptor) or right after it. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "action.h"

int main(int argc, char** argv) {
  action_begin(argc, argv, 3, "before|after FILE [ARG…]  (FILE is removed)");
  const char* path = argv[2];
  struct action_exec how = {.path = path, .fd = -1, .argv = argv + 2};
  if (strcmp(argv[1], "before") == 0) {
    how.fd = open(path, O_PATH | O_CLOEXEC);
    if (how.fd < 0 || unlink(path) != 0) action_fail(path);
    action_report("exec_unlinked_before", action_spawn(&how), path);
  }
  const pid_t child = action_spawn(&how);
  if (unlink(path) != 0) action_fail(path);
  action_report("exec_unlinked_after", child, path);
}
