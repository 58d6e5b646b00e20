// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hash/hash_service.hpp"

// Real files and processes, described as a kernel event would describe them.
namespace tocsin::test {

// Encoded as the kernel does, from fstat, statfs and the inode's generation.
FileIdentity identity_of(const std::string& path);
RootIdentity root_of_process(pid_t pid);
ProcessId process_id(pid_t pid);
// So long that what was written before is no longer "within a clock tick".
void let_clock_tick();

// An independent program's answer.
std::string sha256sum(const std::string& path);

// Runs until destroyed (or killed). The program is executing when the constructor returns.
class Running {
 public:
  Running(const std::string& program, const std::vector<std::string>& arguments);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { kill_and_wait(); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  void kill_and_wait();

 private:
  pid_t pid_ = -1;
};

// A child in a mount namespace of its own that runs setup there and then sleeps until destroyed;
// its mounts vanish with it. made() is false when the kernel does not permit this (not root) or
// setup returned false.
class OwnMounts {
 public:
  explicit OwnMounts(const std::function<bool()>& setup);
  OwnMounts(const OwnMounts&) = delete;
  OwnMounts& operator=(const OwnMounts&) = delete;
  ~OwnMounts() { kill_and_wait(); }
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  void kill_and_wait();

 private:
  pid_t pid_ = -1;
  bool made_ = false;
};

// The exec event of a file that stands at path now, of a process that is gone.
HashRequest executed(const std::string& path);
HashRequest executed_script(const std::string& path, const std::string& cwd);

// Waits for all the tickets, in the order in which they come.
struct Answered {
  std::vector<std::uint64_t> order;
  std::map<std::uint64_t, HashResult> results;
};
Answered wait_for(HashService& service, std::size_t count, int timeout_ms = 20'000);
// Submits and waits.
HashResult hash_now(HashService& service, const HashRequest& request);

}  // namespace tocsin::test
