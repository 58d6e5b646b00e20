// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/process_id.hpp"
#include "event/event.hpp"
#include "hash/digest_file.hpp"

namespace tocsin {

// Whose content is wanted: all that an exec event tells about it.
struct HashRequest {
  enum class Kind : std::uint8_t {
    kExecutable,  // the file the kernel ran: it has an identity to be verified by
    kScript,      // the script behind an interpreter: only its name is known
    kArgument,    // what an interpreter's command line names and may be its script
    kModule,      // a library that a process mapped: it has an identity, too
  };

  Kind kind = Kind::kExecutable;
  [[nodiscard]] bool is_script() const { return kind == Kind::kScript || kind == Kind::kArgument; }
  FileIdentity file;  // not of a script; ino 0: unknown
  std::string path;   // executable, module: inside the process's root; script: as given to execve
  std::string cwd;    // script only: where a relative path begins
  RootIdentity root;
  ProcessId process;
  WallNs exec_time_ns = 0;  // or of the mapping; a script of unknown time (0) is not believed
  bool memfd = false;
  bool unlinked = false;
  bool urgent = true;  // false: behind everything urgent (programs found running at the start)
  DigestNeeds needs;   // beside what indicators need
  std::optional<Sha256> ima_sha256;
  std::vector<std::uint32_t> same_mnt_ns_pids;  // living processes that lead to the same root
};

}  // namespace tocsin
