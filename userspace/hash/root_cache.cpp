// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/root_cache.hpp"

#include <fcntl.h>

#include <algorithm>

#include "hash/file_identity_check.hpp"
#include "hash/process_dir.hpp"

namespace tocsin {
namespace {

bool is_root(const RootIdentity& root, const FileStat& now) {
  if (now.file.ino != root.root_ino) return false;
  return now.file.dev == root.root_dev ||
         (is_anonymous_dev(now.file.dev) && is_anonymous_dev(root.root_dev));
}

// The process may leave its namespace at any time: the namespace is looked at on both sides of the
// opening.
Fd root_of(const ProcessId& id, const RootIdentity& root) {
  const auto process = ProcessDir::open(id);
  if (!process || process->mnt_ns() != root.mnt_ns) return {};
  Fd fd = process->root();
  if (!fd) return {};
  const auto now = stat_fd(fd.get(), StatSync::kCached);
  if (!now || !is_root(root, *now) || process->mnt_ns() != root.mnt_ns) return {};
  return fd;
}

}  // namespace

std::size_t RootCache::Hash::operator()(const RootIdentity& root) const {
  return static_cast<std::size_t>((root.mnt_ns_id * 0x9e3779b97f4a7c15ULL ^ root.root_ino) *
                                      0x9e3779b97f4a7c15ULL ^
                                  root.root_dev);
}

RootCache::RootCache(std::size_t entries_max)
    : entries_max_(std::max<std::size_t>(entries_max, 1)) {
  Fd fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Fd ns(open("/proc/self/ns/mnt", O_PATH | O_CLOEXEC));
  if (!fd || !ns) return;
  const auto root = stat_fd(fd.get(), StatSync::kCached);
  const auto mnt_ns = stat_fd(ns.get(), StatSync::kCached);
  if (!root || !mnt_ns) return;
  own_.mnt_ns = static_cast<std::uint32_t>(mnt_ns->file.ino);
  own_.root_ino = root->file.ino;
  own_.root_dev = root->file.dev;
  own_fd_ = std::make_shared<const Fd>(std::move(fd));
}

std::shared_ptr<const Fd> RootCache::find(const RootIdentity& root, const ProcessId& process,
                                          std::span<const std::uint32_t> candidates) {
  if (root.mnt_ns == 0) return nullptr;
  // The daemon's own namespace lives as long as the daemon, so its inode number is unique.
  if (own_fd_ != nullptr && root.mnt_ns == own_.mnt_ns && root.root_ino == own_.root_ino &&
      (root.root_dev == own_.root_dev ||
       (is_anonymous_dev(root.root_dev) && is_anonymous_dev(own_.root_dev))))
    return own_fd_;
  if (const auto it = by_root_.find(root); it != by_root_.end()) {
    entries_.splice(entries_.begin(), entries_, it->second);
    return it->second->fd;
  }
  Fd fd = root_of(process, root);
  for (const auto pid : candidates) {
    if (fd) break;
    fd = root_of(ProcessId{pid, 0}, root);
  }
  if (!fd) return nullptr;
  auto shared = std::make_shared<const Fd>(std::move(fd));
  insert(root, shared);
  return shared;
}

std::shared_ptr<const Fd> RootCache::find_exact(const RootIdentity& root, const ProcessId& process,
                                                std::span<const std::uint32_t> candidates) {
  if (is_anonymous_dev(root.root_dev) && root.mnt_ns != 0) {
    if (Fd fd = root_of(process, root)) return std::make_shared<const Fd>(std::move(fd));
  }
  return find(root, process, candidates);
}

void RootCache::insert(const RootIdentity& root, std::shared_ptr<const Fd> fd) {
  if (entries_.size() >= entries_max_) {
    by_root_.erase(entries_.back().root);
    entries_.pop_back();
    ++evicted_;
  }
  entries_.push_front({root, std::move(fd)});
  by_root_.emplace(root, entries_.begin());
}

void RootCache::forget(std::uint32_t mnt_ns) {
  for (auto it = entries_.begin(); it != entries_.end();) {
    if (it->root.mnt_ns != mnt_ns) {
      ++it;
      continue;
    }
    by_root_.erase(it->root);
    it = entries_.erase(it);
  }
}

}  // namespace tocsin
