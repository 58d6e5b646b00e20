/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/* Runs a program as another user; a set-uid program then gains its owner's rights by the kernel. */
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "action.h"

int main(int argc, char** argv) {
  action_begin(argc, argv, 4, "UID GID FILE [ARG…]");
  const uid_t uid = (uid_t)strtoul(argv[1], NULL, 10);
  const gid_t gid = (gid_t)strtoul(argv[2], NULL, 10);
  if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
    action_fail("becoming the user");
  const struct action_exec how = {.path = argv[3], .fd = -1, .argv = argv + 3};
  action_report("exec_as", action_spawn(&how), argv[3]);
}
