/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/*
 * Runs TARGET and puts other content in its place right after the exec: by renaming NEW over it, or
 * by writing NEW's bytes into the same inode as soon as the kernel allows it (the process has
 * ended).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "action.h"

static void rewrite_in_place(const char* target, const char* replacement) {
  int fd;
  do {
    fd = open(target, O_WRONLY | O_TRUNC | O_CLOEXEC);
  } while (fd < 0 && errno == ETXTBSY); /* bounded by action_begin's alarm */
  if (fd < 0) action_fail(target);
  action_copy_to_fd(replacement, fd);
  if (close(fd) != 0) action_fail(target);
}

int main(int argc, char** argv) {
  action_begin(argc, argv, 4, "rename|rewrite NEW TARGET [ARG…]");
  const char *replacement = argv[2], *target = argv[3];
  const struct action_exec how = {.path = target, .fd = -1, .argv = argv + 3};
  const pid_t child = action_spawn(&how);
  if (strcmp(argv[1], "rename") == 0) {
    if (rename(replacement, target) != 0) action_fail("rename");
    action_report("exec_replaced_rename", child, target);
  }
  rewrite_in_place(target, replacement);
  action_report("exec_replaced_rewrite", child, target);
}
