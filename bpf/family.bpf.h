/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright 2026 The tocsin authors */
/* Address families, as <linux/socket.h> numbers them; macros are not in BTF. */
#ifndef TOCSIN_FAMILY_BPF_H
#define TOCSIN_FAMILY_BPF_H

#define TW_AF_UNIX 1
#define TW_AF_INET 2
#define TW_AF_INET6 10

#endif
