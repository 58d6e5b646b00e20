// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "base/digest.hpp"
#include "base/limits.hpp"
#include "event/event.hpp"
#include "hash/digest_file.hpp"
#include "hash/hash_result.hpp"

namespace tocsin {

// Under what content is remembered: the identity the kernel's event told (for a script, which has
// none, the identity it was opened with). Equal keys mean equal content.
struct HashKey {
  enum class Told : std::uint8_t { kByEvent = 0, kByStat = 1 };

  std::uint64_t ino = 0;
  std::uint64_t size = 0;
  std::int64_t ctime_ns = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t scope =
      0;  // overlay: mount namespace id, for its device numbers are soon used again
  std::uint32_t dev = 0;
  std::uint32_t generation = 0;
  std::uint32_t mount_id = 0;  // btrfs: two subvolumes can hold one inode number and generation
  Told told = Told::kByEvent;

  static HashKey of_event(const FileIdentity& file, const RootIdentity& root);
  static HashKey of_script(const FileIdentity& file);
  friend bool operator==(const HashKey&, const HashKey&) = default;
};

struct HashKeyHash {
  std::size_t operator()(const HashKey& key) const;
};

// What is remembered.
struct KnownContent {
  FileDigests digests;
  HashRung rung = HashRung::kNone;
  friend bool operator==(const KnownContent&, const KnownContent&) = default;
};

// Digests by identity, bounded: the least recently used goes. State thread only.
class HashCache {
 public:
  explicit HashCache(std::size_t entries_max = limits::kHashCacheEntriesMax);
  HashCache(const HashCache&) = delete;
  HashCache& operator=(const HashCache&) = delete;

  // Null when unknown, or known without a digest that is needed now. Valid until the next call.
  const KnownContent* find(const HashKey& key, DigestNeeds needs);
  void insert(const HashKey& key, const KnownContent& content);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }
  // Insertions since the start: equal means nothing new was learned.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  // Oldest use first.
  void for_each(const std::function<void(const HashKey&, const KnownContent&)>& visit) const;

 private:
  struct Entry;
  using Node = std::pair<const HashKey, Entry>;
  // Links of the order of use live in the map's own nodes, which do not move: one allocation each.
  struct Entry {
    KnownContent content;
    Node* older = nullptr;
    Node* newer = nullptr;
  };

  void unlink(Node& node);
  void link_newest(Node& node);

  std::size_t entries_max_;
  std::unordered_map<HashKey, Entry, HashKeyHash> entries_;
  Node* oldest_ = nullptr;
  Node* newest_ = nullptr;
  std::uint64_t evicted_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace tocsin
