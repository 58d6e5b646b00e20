// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_cache.hpp"

#include <algorithm>

#include "hash/file_systems.hpp"

namespace tocsin {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
  return hash ^ hash >> 32;
}

}  // namespace

HashKey HashKey::of_event(const FileIdentity& file, const RootIdentity& root) {
  HashKey key;
  key.ino = file.ino;
  key.size = file.size;
  key.ctime_ns = file.ctime_ns;
  key.mtime_ns = file.mtime_ns;
  key.dev = file.dev;
  key.generation = file.generation;
  if (file.fs_magic == fs_magic::kOverlay) key.scope = root.mnt_ns_id;
  if (file.fs_magic == fs_magic::kBtrfs) key.mount_id = file.mount_id;
  return key;
}

HashKey HashKey::of_script(const FileIdentity& file) {
  HashKey key = of_event(file, {});
  key.told = Told::kByStat;
  return key;
}

std::size_t HashKeyHash::operator()(const HashKey& key) const {
  std::uint64_t hash = mix(key.ino, key.size);
  hash = mix(hash, static_cast<std::uint64_t>(key.ctime_ns));
  hash = mix(hash, static_cast<std::uint64_t>(key.mtime_ns));
  hash = mix(hash, key.scope);
  hash = mix(hash, std::uint64_t{key.dev} << 32 | key.generation);
  return static_cast<std::size_t>(
      mix(hash, std::uint64_t{key.mount_id} << 8 | static_cast<std::uint8_t>(key.told)));
}

HashCache::HashCache(std::size_t entries_max)
    : entries_max_(std::max<std::size_t>(entries_max, 1)) {}

void HashCache::unlink(Node& node) {
  auto& entry = node.second;
  (entry.older != nullptr ? entry.older->second.newer : oldest_) = entry.newer;
  (entry.newer != nullptr ? entry.newer->second.older : newest_) = entry.older;
  entry.older = entry.newer = nullptr;
}

void HashCache::link_newest(Node& node) {
  node.second.older = newest_;
  (newest_ != nullptr ? newest_->second.newer : oldest_) = &node;
  newest_ = &node;
}

const KnownContent* HashCache::find(const HashKey& key, DigestNeeds needs) {
  const auto it = entries_.find(key);
  if (it == entries_.end()) return nullptr;
  const auto& digests = it->second.content.digests;
  if ((needs.sha1 && !digests.sha1) || (needs.md5 && !digests.md5)) return nullptr;
  if (newest_ != &*it) {
    unlink(*it);
    link_newest(*it);
  }
  return &it->second.content;
}

void HashCache::insert(const HashKey& key, const KnownContent& content) {
  ++changes_;
  const auto [it, fresh] = entries_.try_emplace(key);
  it->second.content = content;
  if (!fresh) unlink(*it);
  link_newest(*it);
  if (entries_.size() <= entries_max_) return;
  const HashKey victim = oldest_->first;
  unlink(*oldest_);
  entries_.erase(victim);
  ++evicted_;
}

void HashCache::for_each(
    const std::function<void(const HashKey&, const KnownContent&)>& visit) const {
  for (const Node* node = oldest_; node != nullptr; node = node->second.newer)
    visit(node->first, node->second.content);
}

}  // namespace tocsin
