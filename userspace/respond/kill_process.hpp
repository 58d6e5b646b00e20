// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "base/process_id.hpp"
#include "base/result.hpp"

namespace tocsin {

// Sends SIGKILL to this very process, never to one that got its id later: the process is held by a
// descriptor before its start time is compared. kNotFound: it has ended. kPermission: CAP_KILL is
// missing, or it is one that is never killed (the first process, this one).
Result<void> kill_process(ProcessId process);

}  // namespace tocsin
