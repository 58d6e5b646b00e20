// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "base/process_id.hpp"
#include "base/result.hpp"
#include "hash/hash_result.hpp"
#include "process/process_table.hpp"

// The JSON inside recordings: docs/recording-format.md, frame types 2 and 3. Times are boot clock
// nanoseconds, so that identities survive exactly.
namespace tocsin {

struct RecordedDigest {
  ProcessId process;
  BootNs exec_ns = 0;
  bool script = false;
  HashResult result;
};

std::string digest_to_json(const RecordedDigest& digest);
Result<RecordedDigest> digest_from_json(std::string_view json);

// One process that was known when the recording began.
std::string process_to_json(const Process& process, WallNs boot_epoch_ns);
// nullopt: a fact about something else.
Result<std::optional<ProcessTable::Snapshot>> process_from_json(std::string_view json);

}  // namespace tocsin
