// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <unordered_map>

#include "base/fd.hpp"
#include "base/limits.hpp"
#include "base/process_id.hpp"
#include "event/event.hpp"

namespace tocsin {

// O_PATH descriptors of the roots that processes see, so that a path of theirs can be followed
// after they are gone. Each pins the mounts of its namespace: bounded (least recently used goes)
// and to be forgotten when the namespace's last process ends. State thread only. Nothing here
// blocks.
class RootCache {
 public:
  explicit RootCache(std::size_t entries_max = limits::kRootCacheMax);

  // The root, from the cache or through a living process: the event's own, then the candidates (ids
  // of processes said to be in that mount namespace). Null when none of them leads there.
  std::shared_ptr<const Fd> find(const RootIdentity& root, const ProcessId& process,
                                 std::span<const std::uint32_t> candidates);

  // As find(), for paths whose file has no identity to be verified by (scripts). On btrfs the roots
  // of all subvolumes look alike, so the process itself is asked first where that could matter.
  std::shared_ptr<const Fd> find_exact(const RootIdentity& root, const ProcessId& process,
                                       std::span<const std::uint32_t> candidates);

  // The daemon's own root; may be null.
  [[nodiscard]] const std::shared_ptr<const Fd>& own() const { return own_fd_; }

  // Drops all roots of the namespace with this inode number.
  void forget(std::uint32_t mnt_ns);

  [[nodiscard]] std::size_t size() const { return by_root_.size(); }
  // Roots that went because the cache was full.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  struct Hash {
    std::size_t operator()(const RootIdentity& root) const;
  };
  struct Entry {
    RootIdentity root;
    std::shared_ptr<const Fd> fd;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void insert(const RootIdentity& root, std::shared_ptr<const Fd> fd);

  std::size_t entries_max_;
  RootIdentity own_;  // the daemon's; mnt_ns_id stays unknown
  std::shared_ptr<const Fd> own_fd_;
  Entries entries_;
  std::unordered_map<RootIdentity, Entries::iterator, Hash> by_root_;
  std::uint64_t evicted_ = 0;
};

}  // namespace tocsin
