/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/*
 * What the action programs share. Each performs one real action, bounded in time, and prints one
 * JSON line that says what it did, so that a test can compare it with what the daemon saw.
 * Exit codes: 0 done, 1 the action failed, 2 usage, 77 this machine refuses it.
 */
#ifndef TOCSIN_ACTION_H
#define TOCSIN_ACTION_H

#include <sys/types.h>

/* No action runs longer than this; the kernel ends it with SIGALRM. */
#define ACTION_SECONDS_MAX 20
#define ACTION_EXIT_REFUSED 77

/* Call first: arms the time limit and checks the number of arguments. */
void action_begin(int argc, char** argv, int argc_min, const char* usage);

/* Says what failed with errno on stderr and exits: 77 for EPERM, EACCES and ENOSYS, else 1. */
void action_fail(const char* doing) __attribute__((noreturn));

/* Appends the whole file at path to fd. */
void action_copy_to_fd(const char* path, int fd);
/* Makes to an executable file with the content of from; it must not exist. */
void action_copy_file(const char* from, const char* to);

/* How a child is to run a program: by path, or by descriptor when fd >= 0 (execveat, empty path).
 */
struct action_exec {
  const char* path;
  int fd;
  char** argv;
};

/* Starts the child and returns once its execve is done. */
pid_t action_spawn(const struct action_exec* how);
/* Waits for the child's end, prints the report line, and exits. */
void action_report(const char* action, pid_t child, const char* path) __attribute__((noreturn));

#endif
