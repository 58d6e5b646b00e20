// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

#include "base/process_id.hpp"

namespace tocsin {

enum class HostIdSource : std::uint8_t {
  kMachineId,  // derived from /etc/machine-id: stable over reinstalls of tocsin
  kStateFile,  // made once and kept in the state folder
  kBoot,       // neither was there: changes with each boot
};

// What an alert says about where it was made. Empty: unknown.
struct HostFacts {
  std::string id;  // 32 hex digits; not the machine id itself, which must not leave the host
  HostIdSource id_source = HostIdSource::kBoot;
  std::string hostname;
  std::string architecture;                                 // as uname -m
  std::string kernel;                                       // as uname -r
  std::string boot_id;                                      // 32 hex digits
  std::string os_family, os_platform, os_version, os_name;  // from os-release
};

// This running daemon.
struct AgentFacts {
  std::string id;            // of this installation on this host
  std::string ephemeral_id;  // of this run
  std::string version;
};

struct HostFactsOptions {
  std::string state_dir;  // where an id is kept when the host has no machine id
  std::string os_release = "/etc/os-release";
  bool use_machine_id = true;  // false: as on a host without one (an image not yet booted)
};

HostFacts read_host_facts(const HostFactsOptions& options);
AgentFacts make_agent_facts(const HostFacts& host);

// The same process has the same id in every alert of this boot, and no other process has it:
// "<host and boot>-<pid>-<start>", all hexadecimal.
std::string entity_id(const HostFacts& host, const ProcessId& process);

}  // namespace tocsin
