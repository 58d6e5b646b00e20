/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/*
 * Two ways to read a field of a kernel object. `direct` is for pointers whose type the verifier
 * knows (arguments of tp_btf and LSM programs, and what hangs on them): a plain load, about 1 ns.
 * Otherwise bpf_probe_read_kernel, about 15 ns. `direct` must be a constant after inlining; the
 * same code then serves the typed programs and their raw fallbacks.
 */
#ifndef TOCSIN_READ_BPF_H
#define TOCSIN_READ_BPF_H

#include "kernel_types.h"

#define TW_GET(direct, pointer, field)                                 \
  ({                                                                   \
    typeof((pointer)->field) tw_value_;                                \
    if (direct)                                                        \
      tw_value_ = (pointer)->field;                                    \
    else                                                               \
      bpf_core_read(&tw_value_, sizeof(tw_value_), &(pointer)->field); \
    tw_value_;                                                         \
  })

/* The value of a typed pointer as a plain number: through memory, as the verifier forbids
 * arithmetic on some of them. */
static __always_inline __u64 tw_address_of(const void* pointer) {
  __u64 address = 0;

  bpf_probe_read_kernel(&address, sizeof(address), &pointer);
  return address;
}

/* Whether a typed pointer is NULL. From 6.4 on the verifier holds the arguments of LSM and tp_btf
 * programs for never NULL and takes a plain comparison out of the program, though hooks are called
 * with NULL (mmap_file for anonymous memory): the load behind it is then an oops of the kernel. A
 * number it cannot foresee. Newer kernels mark such arguments as maybe NULL and want to see the
 * plain comparison as well, so it comes second. */
#define TW_IS_NULL(pointer) (!tw_address_of(pointer) || !(pointer))

/* Makes the verifier forget what it knows about x, with the help of any value it knows nothing of.
 * Otherwise it follows every combination of flags through all that comes after. */
#define TW_FORGET(x, unknown) asm volatile("%0 ^= %1; %0 ^= %1" : "+r"(x) : "r"(unknown))

#endif
