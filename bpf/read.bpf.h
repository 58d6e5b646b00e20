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

/* Makes the verifier forget what it knows about x, with the help of any value it knows nothing of.
 * Otherwise it follows every combination of flags through all that comes after. */
#define TW_FORGET(x, unknown) asm volatile("%0 ^= %1; %0 ^= %1" : "+r"(x) : "r"(unknown))

#endif
