/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
/* A library for tests to copy and load; it does nothing. */
int tocsin_marker(void);

int tocsin_marker(void) {
  return 1;
}
