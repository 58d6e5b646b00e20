/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
#include "action.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char* program = "action";

void action_begin(int argc, char** argv, int argc_min, const char* usage) {
  program = argv[0];
  alarm(ACTION_SECONDS_MAX);
  if (argc < argc_min) {
    fprintf(stderr, "usage: %s %s\n", program, usage);
    exit(2);
  }
}

void action_fail(const char* doing) {
  const int error = errno;
  fprintf(stderr, "%s: %s: %s\n", program, doing, strerror(error));
  exit(error == EPERM || error == EACCES || error == ENOSYS ? ACTION_EXIT_REFUSED : 1);
}

void action_copy_to_fd(const char* path, int fd) {
  const int in = open(path, O_RDONLY | O_CLOEXEC);
  if (in < 0) action_fail(path);
  for (;;) {
    const ssize_t n = sendfile(fd, in, NULL, 1 << 20);
    if (n < 0) action_fail("copying");
    if (n == 0) break;
  }
  close(in);
}

void action_copy_file(const char* from, const char* to) {
  const int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
  if (out < 0) action_fail(to);
  action_copy_to_fd(from, out);
  if (close(out) != 0) action_fail(to);
}

pid_t action_spawn(const struct action_exec* how) {
  /* vfork: the parent goes on at the moment of the exec, which is what the races here need. */
  volatile int exec_error = 0;
  const pid_t child = vfork();
  if (child < 0) action_fail("vfork");
  if (child == 0) {
    if (how->fd >= 0)
      syscall(SYS_execveat, how->fd, "", how->argv, environ, AT_EMPTY_PATH);
    else
      execve(how->path, how->argv, environ);
    exec_error = errno;
    _exit(127);
  }
  if (exec_error != 0) {
    errno = exec_error;
    action_fail("exec");
  }
  return child;
}

/* Start time in clock ticks since boot, of a child that has ended and is not yet reaped. */
static unsigned long long start_ticks(pid_t pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  FILE* file = fopen(path, "re");
  if (file == NULL) action_fail(path);
  const size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  const char* at = strrchr(text, ')'); /* the name before it may hold blanks */
  for (int field = 2; at != NULL && field < 22; ++field) at = strchr(at + 1, ' ');
  return at != NULL ? strtoull(at, NULL, 10) : 0;
}

void action_report(const char* action, pid_t child, const char* path) {
  siginfo_t info;
  if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) != 0) action_fail("waitid");
  const unsigned long long ticks = start_ticks(child);
  int status = 0;
  if (waitpid(child, &status, 0) != child) action_fail("waitpid");
  printf("{\"action\":\"%s\",\"pid\":%d,\"start_ticks\":%llu,\"path\":\"%s\",\"status\":%d}\n",
         action, (int)child, ticks, path, status);
  exit(status == 0 ? 0 : 1);
}
