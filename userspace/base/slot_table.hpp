// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <vector>

namespace tocsin {

// Records by key, and by a small number that stays the same while the record lives: what refers to
// them needs two bytes. At most kSlotsMax; the caller keeps below it. References stay valid until
// their record goes.
template <typename Key, typename Record, typename Hash = std::hash<Key>>
class SlotTable {
 public:
  using Slot = std::uint16_t;
  static constexpr Slot kNone = UINT16_MAX;
  static constexpr std::size_t kSlotsMax = UINT16_MAX;

  SlotTable() = default;
  SlotTable(SlotTable&&) = default;
  SlotTable& operator=(SlotTable&&) = default;
  SlotTable(const SlotTable&) = delete;  // records point at the keys of their own table
  SlotTable& operator=(const SlotTable&) = delete;

  [[nodiscard]] std::size_t size() const { return by_key_.size(); }

  // kNone when there is none.
  [[nodiscard]] Slot find(const Key& key) const {
    const auto it = by_key_.find(key);
    return it == by_key_.end() ? kNone : it->second;
  }

  Slot get(const Key& key) {
    if (const auto known = find(key); known != kNone) return known;
    Slot slot;
    if (free_.empty()) {
      assert(entries_.size() < kSlotsMax);
      slot = static_cast<Slot>(entries_.size());
      entries_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    // The key stands in the index alone; a node of it does not move.
    entries_[slot] = {&by_key_.emplace(key, slot).first->first, Record{}};
    return slot;
  }

  [[nodiscard]] Record& operator[](Slot slot) { return entries_[slot].record; }
  [[nodiscard]] const Record& operator[](Slot slot) const { return entries_[slot].record; }
  [[nodiscard]] const Key& key_of(Slot slot) const { return *entries_[slot].key; }

  void erase(Slot slot) {
    by_key_.erase(by_key_.find(*entries_[slot].key));
    entries_[slot] = {};
    free_.push_back(slot);
  }

 private:
  struct Entry {
    const Key* key = nullptr;
    Record record{};
  };
  std::deque<Entry> entries_;
  std::vector<Slot> free_;
  std::unordered_map<Key, Slot, Hash> by_key_;
};

}  // namespace tocsin
