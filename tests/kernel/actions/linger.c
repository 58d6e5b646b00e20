/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/* Lives for argv[1] milliseconds (default 0), then ends: a payload that can be caught alive. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char** argv) {
  alarm(20);
  const long ms = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
  const struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&wait, NULL);
  return 0;
}
