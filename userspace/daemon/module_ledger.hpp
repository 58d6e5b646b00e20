// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "alert/alert.hpp"
#include "base/lru_map.hpp"
#include "base/process_id.hpp"
#include "daemon/module_limits.hpp"
#include "event/event.hpp"

namespace tocsin {

// The libraries that programs mapped and that nothing vouches for, and the contents of all that
// were read, for when they are judged again. Kept by program, not by process: the kernel tells a
// pair of program and library once a minute, so a process may have mapped what another process of
// the same program was told for. State thread only.
class ModuleLedger {
 public:
  struct Modules {
    std::vector<ModuleFacts> facts;  // own: told for this very process
    std::uint64_t left_out = 0;
  };

  // A library told again takes the place of what was known of it.
  void add(const ExecEvent& program, ProcessId process, ModuleFacts module);
  [[nodiscard]] Modules of(const ExecEvent& program, ProcessId process);

  // A library that was read, whoever vouches for it, and who mapped it last.
  struct Mapped {
    ModuleFacts facts;
    ProcessId process;
    WallNs at_ns = 0;
    FileIdentity file;
    bool killed = false, kill_rehearsed = false;  // as ModuleEvent has it
  };
  void add_content(Mapped mapped);
  // Each content once.
  void for_each_content(const std::function<void(const Mapped&)>& take) const;

  [[nodiscard]] std::size_t programs() const { return programs_.size(); }

 private:
  struct Entry {
    ModuleFacts facts;
    ProcessId process;  // told for last
  };
  struct Program {
    std::vector<Entry> entries;  // told longest ago first
    std::uint64_t left_out = 0;
  };
  LruMap<std::string, Program> programs_{limits::kModuleProgramsMax};
  LruMap<Sha256, Mapped, DigestHash> contents_{limits::kModuleContentsMax};
};

}  // namespace tocsin
