// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/index_tables.hpp"

#include <endian.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace tocsin {
namespace {

using index_format::kNone;
using index_format::load;
using index_format::load_at;

std::unexpected<Error> broken(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message));
}

// Entries 2^bits + 1 of 32 bits; nothing when the size is another.
std::optional<unsigned> index_bits(Bytes index, unsigned bits_max) {
  if (index.size() % 4 != 0 || index.size() < 8) return std::nullopt;
  const std::size_t buckets = index.size() / 4 - 1;
  if (!std::has_single_bit(buckets)) return std::nullopt;
  const auto bits = static_cast<unsigned>(std::countr_zero(buckets));
  if (bits > bits_max) return std::nullopt;
  return bits;
}

struct RowRange {
  std::size_t first, end;
};

// Rows of a bucket, cut to what exists.
RowRange bucket_rows(Bytes index, std::size_t bucket, std::size_t count) {
  const std::size_t end = std::min<std::size_t>(load_at<std::uint32_t>(index, bucket + 1), count);
  return {std::min<std::size_t>(load_at<std::uint32_t>(index, bucket), end), end};
}

std::uint32_t digest_bucket(const void* digest, unsigned bits) {
  std::uint32_t first;
  std::memcpy(&first, digest, sizeof first);
  return static_cast<std::uint32_t>(std::uint64_t{be32toh(first)} >> (32 - bits));
}

}  // namespace

// ---- Digests ------------------------------------------------------------------------------------

Result<DigestTable> DigestTable::open(Bytes rows, Bytes prefix, Bytes records, std::size_t width) {
  DigestTable table;
  if (rows.empty() && prefix.empty() && records.empty()) return table;
  const auto bits = index_bits(prefix, 28);
  if (rows.size() % width != 0 || records.size() != rows.size() / width * 4 || !bits)
    return broken("digest sections do not fit each other");
  table.rows_ = rows;
  table.prefix_ = prefix;
  table.records_ = records;
  table.width_ = width;
  table.count_ = rows.size() / width;
  table.bits_ = *bits;
  return table;
}

std::uint32_t DigestTable::find(std::span<const std::uint8_t> digest) const {
  if (count_ == 0 || digest.size() != width_) return kNone;
  auto [first, end] = bucket_rows(prefix_, digest_bucket(digest.data(), bits_), count_);
  // About four rows a bucket; more only if somebody chose the digests.
  while (end - first > 8) {
    const std::size_t middle = first + (end - first) / 2;
    if (std::memcmp(rows_.data() + middle * width_, digest.data(), width_) <= 0)
      first = middle;
    else
      end = middle;
  }
  for (std::size_t row = first; row < end; ++row)
    if (std::memcmp(rows_.data() + row * width_, digest.data(), width_) == 0) return record(row);
  return kNone;
}

std::span<const std::uint8_t> DigestTable::digest(std::size_t row) const {
  return {reinterpret_cast<const std::uint8_t*>(rows_.data()) + row * width_, width_};
}

std::uint32_t DigestTable::record(std::size_t row) const {
  return load_at<std::uint32_t>(records_, row);
}

Result<void> DigestTable::verify() const {
  if (count_ == 0) return {};
  std::size_t bucket = 0;  // every bucket up to this one begins where it must
  if (load_at<std::uint32_t>(prefix_, 0) != 0) return broken("prefix index does not begin at 0");
  for (std::size_t row = 0; row < count_; ++row) {
    if (row > 0 &&
        std::memcmp(rows_.data() + (row - 1) * width_, rows_.data() + row * width_, width_) >= 0)
      return broken("digests are not in order");
    for (const auto own = digest_bucket(rows_.data() + row * width_, bits_); bucket < own;)
      if (load_at<std::uint32_t>(prefix_, ++bucket) != row)
        return broken("prefix index does not fit the digests");
  }
  for (const std::size_t buckets = std::size_t{1} << bits_; bucket < buckets;)
    if (load_at<std::uint32_t>(prefix_, ++bucket) != count_)
      return broken("prefix index does not end with the digests");
  return {};
}

// ---- Texts --------------------------------------------------------------------------------------

Result<TextTable> TextTable::open(Bytes slots, Bytes arena, std::uint32_t homes) {
  TextTable table;
  if (slots.empty() && homes == 0) return table;
  if (slots.size() % sizeof(index_format::Slot) != 0 || homes == 0 ||
      homes > slots.size() / sizeof(index_format::Slot))
    return broken("text slots do not fit their number");
  table.slots_ = slots;
  table.arena_ = arena;
  table.homes_ = homes;
  return table;
}

std::optional<TextTable::Entry> TextTable::entry_at(std::uint32_t offset) const {
  if (offset == 0 || arena_.size() < index_format::kEntryHeadBytes ||
      offset > arena_.size() - index_format::kEntryHeadBytes)
    return std::nullopt;
  const std::byte* head = arena_.data() + offset;
  const auto bytes = load<std::uint16_t>(head + 4);
  const std::size_t text_at = offset + index_format::kEntryHeadBytes;
  if (bytes > arena_.size() - text_at) return std::nullopt;
  return Entry{load<std::uint32_t>(head),
               {reinterpret_cast<const char*>(arena_.data() + text_at), bytes}};
}

std::optional<TextTable::Entry> TextTable::entry(std::size_t slot) const {
  return entry_at(load_at<index_format::Slot>(slots_, slot).offset);
}

void TextTable::prefetch(std::uint64_t hash) const {
  if (homes_ == 0) return;
  const auto home = index_format::home_of(static_cast<std::uint32_t>(hash >> 32), homes_);
  __builtin_prefetch(slots_.data() + home * sizeof(index_format::Slot));
}

std::uint32_t TextTable::find(std::uint64_t hash, std::string_view text) const {
  if (homes_ == 0) return kNone;
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  std::size_t at = index_format::home_of(tag, homes_);
  const std::size_t end = std::min(slots(), at + index_format::kProbesMax);
  for (; at < end; ++at) {
    const auto slot = load_at<index_format::Slot>(slots_, at);
    if (slot.offset == 0 || slot.tag > tag) return kNone;
    if (slot.tag < tag) continue;
    const auto found = entry_at(slot.offset);
    if (found && found->text == text) return found->record;
  }
  return kNone;
}

Result<void> TextTable::verify_slot(std::size_t i, std::size_t& run, std::uint32_t& last,
                                    std::uint64_t hash) const {
  const auto slot = load_at<index_format::Slot>(slots_, i);
  if (slot.tag != hash >> 32) return broken("a text slot's tag is not its text's");
  const auto home = index_format::home_of(slot.tag, homes_);
  if (home > i || i - home > run || i - home >= index_format::kProbesMax)
    return broken("a text slot is not reachable from its home");
  if (slot.tag < last) return broken("text slots are not in order");
  last = slot.tag;
  ++run;
  return {};
}

// ---- Addresses ----------------------------------------------------------------------------------

Result<BlockTable> BlockTable::open(Bytes starts, Bytes blocks, Bytes index, unsigned skip,
                                    bool v4) {
  BlockTable table;
  table.v4_ = v4;
  if (starts.empty() && blocks.empty() && index.empty()) return table;
  const std::size_t start_bytes = v4 ? 4 : sizeof(index_format::V6Start);
  const auto bits = index_bits(index, index_format::kRangeIndexBitsMax);
  if (starts.size() % start_bytes != 0 || !bits || skip > 63 ||
      blocks.size() != starts.size() / start_bytes * sizeof(index_format::Block))
    return broken("address sections do not fit each other");
  table.starts_ = starts;
  table.blocks_ = blocks;
  table.index_ = index;
  table.count_ = starts.size() / start_bytes;
  table.skip_ = skip;
  table.bits_ = *bits;
  return table;
}

BlockTable::Key BlockTable::key_of(const IpAddress& address) {
  const auto bytes = address.bytes();
  if (address.is_v4()) {
    std::uint32_t value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return {std::uint64_t{be32toh(value)} << 32, 0};
  }
  Key key;
  std::memcpy(&key.high, bytes.data(), 8);
  std::memcpy(&key.low, bytes.data() + 8, 8);
  return {be64toh(key.high), be64toh(key.low)};
}

BlockTable::Key BlockTable::start(std::size_t row) const {
  if (v4_) return {std::uint64_t{load_at<std::uint32_t>(starts_, row)} << 32, 0};
  const auto value = load_at<index_format::V6Start>(starts_, row);
  return {value.high, value.low};
}

bool BlockTable::within(const Key& start, std::uint32_t prefix, const Key& key) {
  if (prefix == 0) return true;
  if (prefix <= 64) return (start.high ^ key.high) >> (64 - prefix) == 0;
  if (prefix > 128) return false;
  return start.high == key.high && (start.low ^ key.low) >> (128 - prefix) == 0;
}

std::size_t BlockTable::bucket(const Key& key) const {
  return bits_ == 0 ? 0 : key.high << skip_ >> (64 - bits_);
}

std::size_t BlockTable::last_not_after(const Key& key) const {
  if (count_ == 0) return kNoRow;
  std::size_t first = 0;
  std::size_t end = count_;
  const Key lowest = start(0);
  if (key < lowest) return kNoRow;
  // Above the skipped bits that all rows share, every row is before the key.
  const bool above = skip_ > 0 && key.high >> (64 - skip_) > lowest.high >> (64 - skip_);
  if (above) return count_ - 1;
  const auto rows = bucket_rows(index_, bucket(key), count_);
  first = rows.first;
  end = rows.end;
  while (first < end) {
    const std::size_t middle = first + (end - first) / 2;
    if (start(middle) <= key)
      first = middle + 1;
    else
      end = middle;
  }
  return first == 0 ? kNoRow : first - 1;
}

IpNetwork BlockTable::network(std::size_t row) const {
  const Key key = start(row);
  const auto prefix = static_cast<std::uint8_t>(std::min(block(row).prefix, v4_ ? 32U : 128U));
  std::array<std::uint8_t, 16> bytes{};
  const std::uint64_t high = htobe64(key.high);
  const std::uint64_t low = htobe64(key.low);
  std::memcpy(bytes.data(), &high, 8);
  std::memcpy(bytes.data() + 8, &low, 8);
  if (v4_) return {IpAddress::v4(std::span(bytes).first<4>()), prefix};
  const auto address = IpAddress::v6(bytes);  // v4-mapped comes out as IPv4: verify() refuses it
  return {address, address.is_v4() ? std::min<std::uint8_t>(prefix, 32) : prefix};
}

Result<void> BlockTable::verify_index() const {
  if (load_at<std::uint32_t>(index_, 0) != 0) return broken("address index does not begin at 0");
  std::size_t at = 0;
  for (std::size_t row = 0; row < count_; ++row) {
    const Key key = start(row);
    if (skip_ > 0 && (key.high ^ start(0).high) >> (64 - skip_) != 0)
      return broken("addresses do not share the skipped bits");
    for (const auto own = bucket(key); at < own;)
      if (load_at<std::uint32_t>(index_, ++at) != row)
        return broken("address index does not fit the blocks");
  }
  for (const std::size_t buckets = std::size_t{1} << bits_; at < buckets;)
    if (load_at<std::uint32_t>(index_, ++at) != count_)
      return broken("address index does not end with the blocks");
  return {};
}

Result<void> BlockTable::verify() const {
  if (count_ == 0) return {};
  std::size_t open = kNoRow;  // innermost block that the last row lies in, or is
  for (std::size_t row = 0; row < count_; ++row) {
    const auto mine = block(row);
    const Key key = start(row);
    if (mine.prefix > (v4_ ? 32U : 128U)) return broken("an address block's prefix is too long");
    if (network(row).address.is_v4() != v4_) return broken("an IPv4 address among IPv6 ones");
    if (row > 0) {
      const Key before = start(row - 1);
      if (key < before || (key == before && mine.prefix <= block(row - 1).prefix))
        return broken("address blocks are not in order");
    }
    if (IpNetwork::of(network(row).address, static_cast<std::uint8_t>(mine.prefix)) != network(row))
      return broken("an address block has host bits");
    while (open != kNoRow && !within(start(open), block(open).prefix, key))
      open = block(open).parent == kNone ? kNoRow : block(open).parent;
    if (mine.parent != (open == kNoRow ? kNone : open))
      return broken("an address block has the wrong parent");
    open = row;
  }
  return verify_index();
}

}  // namespace tocsin
