/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/* Maps memory without a file that may be executed, and makes other such memory executable: what
 * every just-in-time compiler does. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "action.h"

#define BYTES 4096

static void* map(int protection) {
  void* at = mmap(NULL, BYTES, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) action_fail("mmap");
  return at;
}

int main(int argc, char** argv) {
  action_begin(argc, argv, 1, "");
  map(PROT_READ | PROT_EXEC);
  if (mprotect(map(PROT_READ | PROT_WRITE), BYTES, PROT_READ | PROT_EXEC) != 0)
    action_fail("mprotect");
  printf("{\"action\":\"map_anonymous\",\"pid\":%d}\n", (int)getpid());
  return 0;
}
