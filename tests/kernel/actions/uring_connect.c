/* SPDX-License-Identifier: Apache-2.0 */
/* Copyright 2026 The tocsin authors */
#include "uring_connect.h"

#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "action.h"

/* A queue of one entry, mapped as io_uring_setup(2) describes it. */
struct ring {
  int fd;
  struct io_uring_params params;
  unsigned char *submission, *completion;
  struct io_uring_sqe* entries;
};

static void* map_ring(int fd, size_t size, off_t what) {
  void* at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);
  if (at == MAP_FAILED) action_fail("mapping the ring");
  return at;
}

static struct ring open_ring(void) {
  struct ring r;
  memset(&r, 0, sizeof r);
  r.fd = (int)syscall(SYS_io_uring_setup, 1, &r.params);
  if (r.fd < 0) action_fail("io_uring_setup");
  const struct io_uring_params* p = &r.params;
  r.submission =
      map_ring(r.fd, p->sq_off.array + p->sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
  r.completion = map_ring(r.fd, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
                          IORING_OFF_CQ_RING);
  r.entries = map_ring(r.fd, p->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
  return r;
}

static unsigned* word(unsigned char* base, unsigned offset) {
  return (unsigned*)(void*)(base + offset);
}

int uring_connect(int fd, const struct sockaddr* address, socklen_t length) {
  struct ring r = open_ring();
  struct io_uring_sqe* entry = &r.entries[0];
  memset(entry, 0, sizeof *entry);
  entry->opcode = IORING_OP_CONNECT;
  entry->flags = IOSQE_ASYNC; /* a worker thread makes the connect, not this one */
  entry->fd = fd;
  entry->addr = (uintptr_t)address;
  entry->off = length;
  *word(r.submission, r.params.sq_off.array) = 0;
  __atomic_store_n(word(r.submission, r.params.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, r.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
    action_fail("io_uring_enter");
  if (__atomic_load_n(word(r.completion, r.params.cq_off.tail), __ATOMIC_ACQUIRE) == 0)
    action_fail("waiting for the connect");
  const struct io_uring_cqe* done = (const void*)(r.completion + r.params.cq_off.cqes);
  return -done->res;
}
