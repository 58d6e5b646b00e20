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

std::unexpected<Error> bad_table(std::string message) {
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
    return bad_table("digest sections do not fit each other");
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
  std::uint64_t word;
  std::memcpy(&word, digest.data(), sizeof word);
  for (std::size_t row = first; row < end; ++row) {
    const std::byte* mine = rows_.data() + row * width_;
    if (load<std::uint64_t>(mine) == word && std::memcmp(mine, digest.data(), width_) == 0)
      return record(row);
  }
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
  if (load_at<std::uint32_t>(prefix_, 0) != 0) return bad_table("prefix index does not begin at 0");
  for (std::size_t row = 0; row < count_; ++row) {
    if (row > 0 &&
        std::memcmp(rows_.data() + (row - 1) * width_, rows_.data() + row * width_, width_) >= 0)
      return bad_table("digests are not in order");
    for (const auto own = digest_bucket(rows_.data() + row * width_, bits_); bucket < own;)
      if (load_at<std::uint32_t>(prefix_, ++bucket) != row)
        return bad_table("prefix index does not fit the digests");
  }
  for (const std::size_t buckets = std::size_t{1} << bits_; bucket < buckets;)
    if (load_at<std::uint32_t>(prefix_, ++bucket) != count_)
      return bad_table("prefix index does not end with the digests");
  return {};
}

// ---- Texts --------------------------------------------------------------------------------------

Result<TextTable> TextTable::open(Bytes slots, Bytes arena, std::uint32_t homes) {
  TextTable table;
  if (slots.empty() && homes == 0) return table;
  if (slots.size() % sizeof(index_format::Slot) != 0 || homes == 0 ||
      homes > slots.size() / sizeof(index_format::Slot))
    return bad_table("text slots do not fit their number");
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
  if (slot.tag != hash >> 32) return bad_table("a text slot's tag is not its text's");
  const auto home = index_format::home_of(slot.tag, homes_);
  if (home > i || i - home > run || i - home >= index_format::kProbesMax)
    return bad_table("a text slot is not reachable from its home");
  if (slot.tag < last) return bad_table("text slots are not in order");
  last = slot.tag;
  ++run;
  return {};
}

// ---- Addresses ----------------------------------------------------------------------------------

Result<BlockTable> BlockTable::open(const Parts& parts, bool v4) {
  using namespace index_format;
  BlockTable table;
  table.v4_ = v4;
  if (parts.rows.empty() && parts.index.empty() && parts.touched.empty()) return table;
  const std::size_t row_bytes = v4 ? sizeof(V4Block) : sizeof(V6Block);
  const auto bits = index_bits(parts.index, kBlockIndexBitsMax);
  const auto cells = parts.touched.size() * 8;
  const auto cell_bits = static_cast<unsigned>(std::countr_zero(cells));
  if (parts.rows.size() % row_bytes != 0 || parts.rows.empty() || !bits ||
      !std::has_single_bit(cells) || cell_bits > kTouchedBitsMax ||
      parts.skip > 64 - kTouchedBitsMax)
    return bad_table("address sections do not fit each other");
  table.rows_ = parts.rows;
  table.index_ = parts.index;
  table.touched_ = parts.touched;
  table.count_ = parts.rows.size() / row_bytes;
  table.skip_ = parts.skip;
  table.bits_ = *bits;
  table.touched_bits_ = cell_bits;
  table.shared_ = table.skipped(table.start(0));
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

BlockTable::Row BlockTable::row(std::size_t at) const {
  if (v4_) {
    const auto raw = load_at<index_format::V4Block>(rows_, at);
    return {{std::uint64_t{raw.start} << 32, 0}, raw.record, raw.parent, raw.prefix};
  }
  const auto raw = load_at<index_format::V6Block>(rows_, at);
  return {{raw.high, raw.low}, raw.record, raw.parent, raw.prefix};
}

BlockTable::Key BlockTable::start(std::size_t at) const {
  return row(at).start;
}

bool BlockTable::within(const Row& row, const Key& key) {
  if (row.prefix == 0) return true;
  if (row.prefix <= 64) return (row.start.high ^ key.high) >> (64 - row.prefix) == 0;
  if (row.prefix > 128) return false;
  return row.start.high == key.high && (row.start.low ^ key.low) >> (128 - row.prefix) == 0;
}

std::size_t BlockTable::last_not_after(const Key& key) const {
  // Beyond the skipped bits that all rows share, every row is before the key, or after it.
  if (skipped(key) != shared_) return skipped(key) > shared_ ? count_ - 1 : kNoRow;
  auto [first, end] = bucket_rows(index_, bucket(key, bits_), count_);
  while (end - first > 8) {
    const std::size_t middle = first + (end - first) / 2;
    if (start(middle) <= key)
      first = middle + 1;
    else
      end = middle;
  }
  // Counting needs no branch that only a coin could predict.
  std::size_t before = first;
  for (std::size_t at = first; at < end; ++at) before += start(at) <= key ? 1 : 0;
  return before == 0 ? kNoRow : before - 1;
}

IpNetwork BlockTable::network(std::size_t at) const {
  const Row row = this->row(at);
  const auto prefix = static_cast<std::uint8_t>(std::min(row.prefix, v4_ ? 32U : 128U));
  std::array<std::uint8_t, 16> bytes{};
  const std::uint64_t high = htobe64(row.start.high);
  const std::uint64_t low = htobe64(row.start.low);
  std::memcpy(bytes.data(), &high, 8);
  std::memcpy(bytes.data() + 8, &low, 8);
  if (v4_) return {IpAddress::v4(std::span(bytes).first<4>()), prefix};
  const auto address = IpAddress::v6(bytes);  // v4-mapped comes out as IPv4: verify() refuses it
  return {address, address.is_v4() ? std::min<std::uint8_t>(prefix, 32) : prefix};
}

Result<void> BlockTable::verify_row(const Row& row) const {
  if (row.prefix > (v4_ ? 32U : 128U)) return bad_table("an address block's prefix is too long");
  const auto beyond = [](std::uint64_t word, unsigned kept) {
    return kept >= 64 ? 0 : word << kept;
  };
  const unsigned low_kept = row.prefix > 64 ? row.prefix - 64 : 0;
  if (beyond(row.start.high, row.prefix) != 0 || beyond(row.start.low, low_kept) != 0)
    return bad_table("an address block has host bits");
  if (!v4_ && row.start.high == 0 && row.start.low >> 32 == 0xffff)
    return bad_table("an IPv4 address among IPv6 ones");
  return {};
}

Result<void> BlockTable::verify_index() const {
  if (load_at<std::uint32_t>(index_, 0) != 0) return bad_table("address index does not begin at 0");
  std::size_t filled = 0;
  for (std::size_t at = 0; at < count_; ++at) {
    const Key key = start(at);
    if (skipped(key) != shared_) return bad_table("addresses do not share the skipped bits");
    for (const auto own = bucket(key, bits_); filled < own;)
      if (load_at<std::uint32_t>(index_, ++filled) != at)
        return bad_table("address index does not fit the blocks");
  }
  for (const std::size_t buckets = std::size_t{1} << bits_; filled < buckets;)
    if (load_at<std::uint32_t>(index_, ++filled) != count_)
      return bad_table("address index does not end with the blocks");
  return {};
}

Result<void> BlockTable::verify() const {
  if (count_ == 0) return {};
  std::size_t open = kNoRow;  // innermost block that the last row lies in, or is
  Row before;
  for (std::size_t at = 0; at < count_; ++at) {
    const Row mine = row(at);
    TOCSIN_TRY_VOID(verify_row(mine));
    if (at > 0 &&
        (mine.start < before.start || (mine.start == before.start && mine.prefix <= before.prefix)))
      return bad_table("address blocks are not in order");
    while (open != kNoRow && !within(row(open), mine.start))
      open = row(open).parent == kNone ? kNoRow : row(open).parent;
    if (mine.parent != (open == kNoRow ? kNone : open))
      return bad_table("an address block has the wrong parent");
    open = at;
    before = mine;
  }
  TOCSIN_TRY_VOID(verify_index());
  return verify_touched();
}

// Outermost blocks are disjoint, so that this looks at each cell a few times at most.
Result<void> BlockTable::verify_touched() const {
  for (std::size_t at = 0; at < count_; ++at) {
    const Row mine = row(at);
    if (mine.parent != kNone) continue;
    const auto cells = cells_of(mine.start.high, mine.prefix, skip_, touched_bits_);
    for (std::size_t cell = cells.first; cell < cells.first + cells.count; ++cell)
      if ((touched_[cell / 8] >> (cell % 8) & std::byte{1}) == std::byte{0})
        return bad_table("a touched address has no bit");
  }
  return {};
}

}  // namespace tocsin
