/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/*
 * Runs FOLDER/NAME through an overlay that an own mount namespace mounts over FOLDER: the file of
 * the lower layer as it is, or with an UPPER file's content written over it (copied up).
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action.h"

static void mount_overlay(const char* scratch, const char* folder) {
  char upper[4096], work[4096], options[16384];
  if (mount("tocsin-test", scratch, "tmpfs", 0, "mode=755") != 0) action_fail("mounting tmpfs");
  snprintf(upper, sizeof upper, "%s/upper", scratch);
  snprintf(work, sizeof work, "%s/work", scratch);
  if (mkdir(upper, 0755) != 0 || mkdir(work, 0755) != 0) action_fail("mkdir");
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s", folder, upper, work);
  if (mount("tocsin-test", folder, "overlay", 0, options) != 0) action_fail("mounting overlay");
}

int main(int argc, char** argv) {
  action_begin(argc, argv, 5, "SCRATCH_FOLDER FOLDER NAME lower|UPPER_FILE [ARG…]");
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", argv[2], argv[3]);
  if (unshare(CLONE_NEWNS) != 0) action_fail("unshare(CLONE_NEWNS)");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) action_fail("making / private");
  mount_overlay(argv[1], argv[2]);
  if (strcmp(argv[4], "lower") != 0) {
    if (unlink(path) != 0) action_fail(path);
    action_copy_file(argv[4], path);
  }
  const struct action_exec how = {.path = path, .fd = -1, .argv = argv + 4};
  action_report("exec_overlay", action_spawn(&how), path);
}
