/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
#ifndef TOCSIN_URING_CONNECT_H
#define TOCSIN_URING_CONNECT_H

#include <sys/socket.h>

/* connect(2) through io_uring: no connect system call is made. Returns errno, 0 for success; ends
 * the program with 77 where the kernel has no io_uring or forbids it. */
int uring_connect(int fd, const struct sockaddr* address, socklen_t length);

#endif
