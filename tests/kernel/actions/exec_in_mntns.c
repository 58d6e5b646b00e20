/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/*
 * Runs FILE's content under the name PATH inside an own mount namespace, where a tmpfs hides the
 * folder of PATH. Outside, PATH may be another file or nothing.
 */
#include <libgen.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

#include "action.h"

int main(int argc, char** argv) {
  action_begin(argc, argv, 3, "FILE PATH [ARG…]");
  const char* path = argv[2];
  char folder[4096], staged[64];
  snprintf(folder, sizeof folder, "%s", path);
  if (unshare(CLONE_NEWNS) != 0) action_fail("unshare(CLONE_NEWNS)");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) action_fail("making / private");
  /* FILE may live in the folder that is about to be hidden: keep it open by number. */
  FILE* content = fopen(argv[1], "re");
  if (content == NULL) action_fail(argv[1]);
  snprintf(staged, sizeof staged, "/proc/self/fd/%d", fileno(content));
  if (mount("tocsin-test", dirname(folder), "tmpfs", 0, "mode=755") != 0)
    action_fail("mounting tmpfs");
  action_copy_file(staged, path);
  const struct action_exec how = {.path = path, .fd = -1, .argv = argv + 2};
  action_report("exec_in_mntns", action_spawn(&how), path);
}
