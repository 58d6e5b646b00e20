// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_result.hpp"

namespace tocsin {

std::string_view to_string(HashRung rung) {
  switch (rung) {
    case HashRung::kNone:
      return "none";
    case HashRung::kIma:
      return "ima";
    case HashRung::kProcExe:
      return "proc-exe";
    case HashRung::kRootPath:
      return "root-path";
    case HashRung::kFileHandle:
      return "file-handle";
    case HashRung::kScriptPath:
      return "script-path";
    case HashRung::kReplay:
      return "replay";
  }
  return "invalid";
}

std::string_view to_string(HashMiss miss) {
  switch (miss) {
    case HashMiss::kNone:
      return "none";
    case HashMiss::kGone:
      return "gone";
    case HashMiss::kReplaced:
      return "replaced";
    case HashMiss::kChanged:
      return "changed";
    case HashMiss::kTooLarge:
      return "too-large";
    case HashMiss::kNotRegular:
      return "not-regular";
    case HashMiss::kUnreadable:
      return "unreadable";
    case HashMiss::kQueueFull:
      return "queue-full";
    case HashMiss::kUnknownFile:
      return "unknown-file";
  }
  return "invalid";
}

}  // namespace tocsin
