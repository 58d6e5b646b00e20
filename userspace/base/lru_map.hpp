// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace tocsin {

// A map of at most `capacity` entries; a new one beyond it takes the place of the entry that was
// used longest ago. References stay valid until their entry goes.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class LruMap {
 public:
  explicit LruMap(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] bool empty() const { return index_.empty(); }

  // Null when there is none; what is found counts as used.
  Value* find(const Key& key) {
    const auto it = index_.find(key);
    if (it == index_.end()) return nullptr;
    entries_.splice(entries_.end(), entries_, it->second);
    return &it->second->second;
  }

  // Finds or makes one. on_evict(key, value) gets the entry that had to go.
  template <typename OnEvict>
  Value& get(const Key& key, OnEvict&& on_evict) {
    if (auto* known = find(key)) return *known;
    if (index_.size() >= capacity_ && !entries_.empty()) {
      auto oldest = std::move(entries_.front());
      erase(oldest.first);
      on_evict(oldest.first, oldest.second);
    }
    entries_.emplace_back(std::piecewise_construct, std::forward_as_tuple(key), std::tuple<>());
    index_.emplace(key, std::prev(entries_.end()));
    return entries_.back().second;
  }

  void erase(const Key& key) {
    const auto it = index_.find(key);
    if (it == index_.end()) return;
    entries_.erase(it->second);
    index_.erase(it);
  }

  // f(key, value) for each, the one used longest ago first; nothing counts as used.
  template <typename F>
  void for_each(F&& f) const {
    for (const auto& [key, value] : entries_) f(key, value);
  }

  // The entry used longest ago; must not be empty.
  [[nodiscard]] const Key& oldest_key() const { return entries_.front().first; }
  [[nodiscard]] Value& oldest() { return entries_.front().second; }

 private:
  using Entry = std::pair<const Key, Value>;
  std::size_t capacity_;
  std::list<Entry> entries_;  // used longest ago first
  std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> index_;
};

}  // namespace tocsin
