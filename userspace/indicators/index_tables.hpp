// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "indicators/index_format.hpp"
#include "indicators/ip_network.hpp"

// The three look-up structures of an index image as views of its bytes. Every read is checked
// against the section it reads from, so that a look-up in an image that was never verified gives
// a wrong answer at worst; verify() is what makes answers right.
namespace tocsin {

using Bytes = std::span<const std::byte>;

// Sorted digests of one width with a prefix index.
class DigestTable {
 public:
  DigestTable() = default;
  static Result<DigestTable> open(Bytes rows, Bytes prefix, Bytes records, std::size_t width);
  // Record of the digest, kNone when it is not there. digest has exactly width bytes.
  [[nodiscard]] std::uint32_t find(std::span<const std::uint8_t> digest) const;

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::span<const std::uint8_t> digest(std::size_t row) const;
  [[nodiscard]] std::uint32_t record(std::size_t row) const;
  [[nodiscard]] Result<void> verify() const;

 private:
  Bytes rows_, prefix_, records_;
  std::size_t width_ = 0, count_ = 0;
  unsigned bits_ = 0;  // the prefix index has 2^bits_ + 1 entries
};

// Texts under a keyed hash, open addressing over an arena.
class TextTable {
 public:
  struct Entry {
    std::uint32_t record = 0;
    std::string_view text;
  };
  TextTable() = default;
  static Result<TextTable> open(Bytes slots, Bytes arena, std::uint32_t homes);
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, std::string_view text) const;
  // Pulls the slot into the cache ahead of find().
  void prefetch(std::uint64_t hash) const;

  [[nodiscard]] std::size_t slots() const { return slots_.size() / sizeof(index_format::Slot); }
  // Entry in a slot; none when the slot is empty or points outside.
  [[nodiscard]] std::optional<Entry> entry(std::size_t slot) const;
  // hash_of(text) as the builder used it.
  template <typename HashOf>
  [[nodiscard]] Result<void> verify(HashOf hash_of) const;

 private:
  [[nodiscard]] std::optional<Entry> entry_at(std::uint32_t offset) const;
  [[nodiscard]] Result<void> verify_slot(std::size_t i, std::size_t& run, std::uint32_t& last,
                                         std::uint64_t hash) const;
  Bytes slots_, arena_;
  std::uint32_t homes_ = 0;
};

// Cells of 2^bits, counted over the bits after skip, that a block reaches. All of them for a block
// wider than the skipped bits.
struct CellRange {
  std::size_t first, count;
};
constexpr CellRange cells_of(std::uint64_t start_high, std::uint32_t prefix, unsigned skip,
                             unsigned bits) {
  if (prefix <= skip) return {0, std::size_t{1} << bits};
  const std::size_t first = start_high << skip >> (64 - bits);
  const unsigned below = prefix < skip + bits ? skip + bits - prefix : 0;
  return {first, std::size_t{1} << below};
}

// Nested address blocks of one family, ordered by first address and then widest first.
class BlockTable {
 public:
  struct Parts {
    Bytes rows, index, touched;
    unsigned skip = 0;
  };
  BlockTable() = default;
  static Result<BlockTable> open(const Parts& parts, bool v4);

  // Calls take(row) for every block round the address, smallest first.
  template <typename Take>
  void find(const IpAddress& address, Take take) const {
    const Key key = key_of(address);
    if (!touched(key)) return;
    std::size_t at = last_not_after(key);
    // Blocks nest at most once per bit; the bound is for hostile images.
    for (unsigned steps = 0; at != kNoRow && steps <= 128; ++steps) {
      const Row row = this->row(at);
      if (within(row, key)) take(at);
      at = row.parent < at ? row.parent : kNoRow;
    }
  }

  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::uint32_t record(std::size_t at) const { return row(at).record; }
  [[nodiscard]] IpNetwork network(std::size_t at) const;
  [[nodiscard]] Result<void> verify() const;

 private:
  // An address as a number whose highest bit is the first of the address, for both families.
  struct Key {
    std::uint64_t high = 0, low = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Row {
    Key start;
    std::uint32_t record = 0, parent = 0, prefix = 0;
  };
  static constexpr std::size_t kNoRow = ~std::size_t{0};

  static Key key_of(const IpAddress& address);
  static bool within(const Row& row, const Key& key);
  [[nodiscard]] Row row(std::size_t at) const;
  [[nodiscard]] Key start(std::size_t at) const;
  // The upper bits of a key after the skipped ones.
  [[nodiscard]] std::size_t bucket(const Key& key, unsigned bits) const {
    return bits == 0 ? 0 : key.high << skip_ >> (64 - bits);
  }
  [[nodiscard]] std::uint64_t skipped(const Key& key) const {
    return skip_ == 0 ? 0 : key.high >> (64 - skip_);
  }
  // False: no block holds the key. One bit in a table that mostly stays in the cache answers for
  // nearly all addresses of a host's ordinary traffic.
  [[nodiscard]] bool touched(const Key& key) const {
    if (count_ == 0) return false;
    if (skipped(key) != shared_) return true;  // the bits say nothing about these
    const auto cell = bucket(key, touched_bits_);
    return (touched_[cell / 8] >> (cell % 8) & std::byte{1}) != std::byte{0};
  }
  [[nodiscard]] std::size_t last_not_after(const Key& key) const;
  [[nodiscard]] Result<void> verify_row(const Row& row) const;
  [[nodiscard]] Result<void> verify_index() const;
  [[nodiscard]] Result<void> verify_touched() const;

  Bytes rows_, index_, touched_;
  std::size_t count_ = 0;
  std::uint64_t shared_ = 0;  // the skipped bits, which all rows have in common
  unsigned skip_ = 0, bits_ = 0, touched_bits_ = 0;
  bool v4_ = true;
};

template <typename HashOf>
Result<void> TextTable::verify(HashOf hash_of) const {
  std::size_t run = 0;     // taken slots since the last empty one
  std::uint32_t last = 0;  // tag before this one
  for (std::size_t i = 0; i < slots(); ++i) {
    const auto slot = index_format::load_at<index_format::Slot>(slots_, i);
    if (slot.offset == 0) {
      run = 0;
      continue;
    }
    const auto found = entry_at(slot.offset);
    if (!found) return fail(ErrorCode::kInvalidInput, "a text slot points outside its arena");
    TOCSIN_TRY_VOID(verify_slot(i, run, last, hash_of(found->text)));
  }
  return {};
}

}  // namespace tocsin
