// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "base/result.hpp"

namespace tocsin {

// Gives up every capability but the five the monitor needs (BPF, PERFMON, NET_ADMIN, SYS_PTRACE,
// DAC_READ_SEARCH), those of them that it has. Called before anything hostile is read.
Result<void> keep_needed_capabilities();

// After the hooks are attached: PERFMON and NET_ADMIN are not needed any more. BPF stays, because
// kernels with unprivileged BPF disabled ask for it even to read our own counters.
Result<void> drop_attach_capabilities();

}  // namespace tocsin
