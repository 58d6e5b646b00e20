// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "base/result.hpp"

namespace tocsin {

// Gives up every capability but the five the monitor needs (BPF, PERFMON, NET_ADMIN, SYS_PTRACE,
// DAC_READ_SEARCH), those of them that it has, and KILL when the response kills. Called before
// anything hostile is read.
Result<void> keep_needed_capabilities(bool kills);

// After the hooks are attached: PERFMON and NET_ADMIN are not needed any more. BPF stays, because
// kernels with unprivileged BPF disabled ask for it even to read our own counters.
Result<void> drop_attach_capabilities(bool kills);
// Whether it can send signals to processes of other users.
bool can_kill();

}  // namespace tocsin
