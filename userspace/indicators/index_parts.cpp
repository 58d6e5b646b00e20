// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/index_parts.hpp"

#include <endian.h>

#include <algorithm>
#include <array>
#include <bit>

#include "indicators/index_tables.hpp"

namespace tocsin {
namespace {

using namespace index_format;

constexpr std::uint64_t kArenaBytesMax = 0xffffffffULL;
// Slots per entry: load 0.7.
constexpr std::uint64_t kSlotsPerTenEntries = 14;
// Records of one value compared for repetition; a value with more different ports keeps them all.
constexpr std::size_t kRepeatWindow = 16;

std::uint64_t be64(const std::byte* p) {
  return be64toh(load<std::uint64_t>(p));
}

// Sorts by a uniform 64-bit key: one scatter by its upper bits, then small sorts that stay in the
// cache. less decides the whole order.
template <typename T, typename KeyOf, typename Less>
void sort_uniform(std::vector<T>& items, KeyOf key_of, Less less) {
  constexpr unsigned kBits = 11;
  constexpr std::size_t kScatterFrom = 1U << 16;
  if (items.size() < kScatterFrom) {
    std::sort(items.begin(), items.end(), less);
    return;
  }
  std::vector<std::size_t> ends((std::size_t{1} << kBits) + 1);
  for (const auto& item : items) ++ends[(key_of(item) >> (64 - kBits)) + 1];
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  std::vector<T> out(items.size());
  auto next = ends;
  for (const auto& item : items) out[next[key_of(item) >> (64 - kBits)]++] = item;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i)
    std::sort(out.begin() + static_cast<std::ptrdiff_t>(ends[i]),
              out.begin() + static_cast<std::ptrdiff_t>(ends[i + 1]), less);
  items = std::move(out);
}

// starts[i]: first row whose bucket is at least i.
template <typename BucketOf>
Blob prefix_index(std::size_t rows, unsigned bits, BucketOf bucket_of) {
  Blob out;
  const std::size_t buckets = std::size_t{1} << bits;
  out.reserve((buckets + 1) * 4);
  for (std::size_t row = 0; row < rows; ++row)
    for (const std::size_t own = bucket_of(row); out.size() / 4 <= own;)
      append(out, static_cast<std::uint32_t>(row));
  while (out.size() / 4 <= buckets) append(out, static_cast<std::uint32_t>(rows));
  return out;
}

}  // namespace

bool RecordLinker::repeats(std::span<const std::uint32_t> kept, std::uint32_t id) const {
  const auto& mine = records_[id];
  const auto window = kept.last(std::min(kept.size(), kRepeatWindow));
  return std::ranges::any_of(window, [&](std::uint32_t other_id) {
    const auto& other = records_[other_id];
    const auto same = [](std::uint8_t a, std::uint8_t b) {
      return ((a ^ b) & ~kSeverityMask) == 0;
    };
    return file_of(other_id) == file_of(id) && other.port == mine.port &&
           same(other.flags, mine.flags) &&
           // Two URLs on one host leave two different records there.
           ((mine.flags & kUrlHost) == 0 || other.note == mine.note);
  });
}

std::uint32_t RecordLinker::link(std::span<const std::uint32_t> ids) {
  kept_.assign(1, ids.front());
  for (const auto id : ids.subspan(1)) {
    if (repeats(kept_, id)) {
      if ((records_[id].flags & kUrlHost) == 0) ++duplicates[file_of(id)];
      continue;
    }
    records_[kept_.back()].next = id;
    kept_.push_back(id);
  }
  return ids.front();
}

// ---- Digests ------------------------------------------------------------------------------------

void DigestPart::add(const std::uint8_t* digest, std::uint32_t record) {
  const auto* bytes = reinterpret_cast<const std::byte*>(digest);
  rows_.insert(rows_.end(), bytes, bytes + width_);
  records_.push_back(record);
}

Sections DigestPart::build(RecordLinker& linker) {
  Sections out;
  if (records_.empty()) return out;
  struct Ref {
    std::uint64_t key;
    std::uint64_t row;
  };
  std::vector<Ref> refs(records_.size());
  for (std::size_t i = 0; i < refs.size(); ++i) refs[i] = {be64(rows_.data() + i * width_), i};
  const auto compare = [&](const Ref& a, const Ref& b) {
    return std::memcmp(rows_.data() + a.row * width_, rows_.data() + b.row * width_, width_);
  };
  sort_uniform(
      refs, [](const Ref& r) { return r.key; },
      [&](const Ref& a, const Ref& b) {
        if (a.key != b.key) return a.key < b.key;
        const int order = compare(a, b);
        return order != 0 ? order < 0 : a.row < b.row;
      });
  out.first.reserve(rows_.size());
  out.third.reserve(records_.size() * 4);
  std::vector<std::uint32_t> same;
  for (std::size_t i = 0; i < refs.size();) {
    same.clear();
    const std::size_t begin = i;
    for (; i < refs.size() && refs[i].key == refs[begin].key && compare(refs[i], refs[begin]) == 0;
         ++i)
      same.push_back(records_[refs[i].row]);
    const std::byte* row = rows_.data() + refs[begin].row * width_;
    out.first.insert(out.first.end(), row, row + width_);
    append(out.third, linker.link(same));
  }
  out.values = out.third.size() / 4;
  // About four rows a bucket.
  const auto width = static_cast<unsigned>(std::bit_width(out.values));
  const unsigned bits = width > 2 ? width - 2 : 0;
  out.second = prefix_index(out.values, bits, [&](std::size_t row) {
    return bits == 0 ? 0 : be64(out.first.data() + row * width_) >> (64 - bits);
  });
  rows_ = {};
  records_ = {};
  return out;
}

// ---- Texts --------------------------------------------------------------------------------------

Result<void> TextPart::add(std::string_view text, std::uint32_t record) {
  if (arena_.size() + kEntryHeadBytes + text.size() > kArenaBytesMax)
    return fail(ErrorCode::kLimit, "the index holds 4 GiB of texts and takes no more");
  append(arena_, record);
  append(arena_, static_cast<std::uint16_t>(text.size()));
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  arena_.insert(arena_.end(), bytes, bytes + text.size());
  ++count_;
  return {};
}

namespace {

std::string_view text_at(const Blob& arena, std::size_t offset) {
  return {reinterpret_cast<const char*>(arena.data() + offset + kEntryHeadBytes),
          load<std::uint16_t>(arena.data() + offset + 4)};
}

}  // namespace

std::vector<TextPart::Ref> TextPart::sorted(NameHashKey key, HashOf hash_of) const {
  std::vector<Ref> refs;
  refs.reserve(count_);
  for (std::size_t at = 8; at < arena_.size();) {
    const auto text = text_at(arena_, at);
    refs.push_back({hash_of(key, text), at});
    at += kEntryHeadBytes + text.size();
  }
  sort_uniform(
      refs, [](const Ref& r) { return r.hash; },
      [&](const Ref& a, const Ref& b) {
        if (a.hash != b.hash) return a.hash < b.hash;
        const int order = text_at(arena_, a.offset).compare(text_at(arena_, b.offset));
        return order != 0 ? order < 0 : a.offset < b.offset;
      });
  return refs;
}

// One reference per distinct text, its records linked from the entry that stays.
std::vector<TextPart::Ref> TextPart::merge(std::vector<Ref> refs, RecordLinker& linker) {
  std::vector<std::uint32_t> same;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < refs.size();) {
    const Ref first = refs[i];
    same.clear();
    for (; i < refs.size() && refs[i].hash == first.hash &&
           text_at(arena_, refs[i].offset) == text_at(arena_, first.offset);
         ++i)
      same.push_back(load<std::uint32_t>(arena_.data() + refs[i].offset));
    const auto head = linker.link(same);
    std::memcpy(arena_.data() + first.offset, &head, sizeof head);
    refs[kept++] = first;
  }
  refs.resize(kept);
  // Entries in the order of their slots: a reader that checks all of them reads forward.
  Blob compact(8);
  compact.reserve(arena_.size());
  for (auto& ref : refs) {
    const std::byte* entry = arena_.data() + ref.offset;
    const std::size_t bytes = kEntryHeadBytes + text_at(arena_, ref.offset).size();
    ref.offset = compact.size();
    compact.insert(compact.end(), entry, entry + bytes);
  }
  arena_ = std::move(compact);
  return refs;
}

Result<Sections> TextPart::build(NameHashKey key, HashOf hash_of, RecordLinker& linker) {
  Sections out;
  if (count_ == 0) return out;
  const auto refs = merge(sorted(key, hash_of), linker);
  const std::uint64_t homes = std::max<std::uint64_t>(1, refs.size() * kSlotsPerTenEntries / 10);
  if (homes > 0xffffffffULL) return fail(ErrorCode::kLimit, "too many texts for one index");
  out.param = static_cast<std::uint32_t>(homes);
  std::vector<Slot> slots(homes);
  std::size_t next = 0;  // first slot that is still free for this order
  for (const auto& ref : refs) {
    const auto tag = static_cast<std::uint32_t>(ref.hash >> 32);
    const std::size_t home = home_of(tag, out.param);
    const std::size_t at = std::max(home, next);
    if (at - home >= kProbesMax) return fail(ErrorCode::kInternal, "texts crowd in the hash table");
    if (at >= slots.size()) slots.resize(at + 1);
    slots[at] = {tag, static_cast<std::uint32_t>(ref.offset)};
    next = at + 1;
  }
  out.values = refs.size();
  out.first.resize(slots.size() * sizeof(Slot));
  std::memcpy(out.first.data(), slots.data(), out.first.size());
  out.second = std::move(arena_);
  return out;
}

// ---- Addresses ----------------------------------------------------------------------------------

void BlockPart::add(const IpNetwork& network, std::uint32_t record) {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(network.address.bytes(), bytes.begin());
  const auto* p = reinterpret_cast<const std::byte*>(bytes.data());
  rows_.push_back({be64(p), be64(p + 8), network.prefix, record});
}

// Sixteen to thirty-two cells a row; blocks inside others are covered by them.
Blob BlockPart::touched_cells(std::span<const Row> rows, unsigned skip, unsigned bits) {
  Blob out((std::size_t{1} << bits) / 8);
  std::size_t done = 0;  // cells before this are set
  for (const auto& row : rows) {
    const auto cells = cells_of(row.high, row.prefix, skip, bits);
    const std::size_t end = cells.first + cells.count;
    for (std::size_t cell = std::max(cells.first, done); cell < end; ++cell)
      out[cell / 8] |= std::byte{1} << (cell % 8);
    done = std::max(done, end);
  }
  return out;
}

Sections BlockPart::build(RecordLinker& linker) {
  Sections out;
  if (rows_.empty()) return out;
  std::sort(rows_.begin(), rows_.end());
  const auto same_block = [](const Row& a, const Row& b) {
    return a.high == b.high && a.low == b.low && a.prefix == b.prefix;
  };
  const auto inside = [](const Row& outer, const Row& inner) {
    if (outer.prefix > inner.prefix) return false;
    if (outer.prefix == 0) return true;
    if (outer.prefix <= 64) return (outer.high ^ inner.high) >> (64 - outer.prefix) == 0;
    return outer.high == inner.high && (outer.low ^ inner.low) >> (128 - outer.prefix) == 0;
  };
  std::vector<Row> kept;
  std::vector<std::uint32_t> open;  // rows of kept round the current one, outermost first
  std::vector<std::uint32_t> same;
  for (std::size_t i = 0; i < rows_.size();) {
    const Row& row = rows_[i];
    same.clear();
    for (; i < rows_.size() && same_block(rows_[i], row); ++i) same.push_back(rows_[i].record);
    while (!open.empty() && !inside(kept[open.back()], row)) open.pop_back();
    const auto parent = open.empty() ? kNone : open.back();
    const auto record = linker.link(same);
    if (v4_)
      append(out.first,
             V4Block{static_cast<std::uint32_t>(row.high >> 32), record, parent, row.prefix});
    else
      append(out.first, V6Block{row.high, row.low, record, parent, row.prefix, 0});
    open.push_back(static_cast<std::uint32_t>(kept.size()));
    kept.push_back(row);
  }
  const auto spread = kept.front().high ^ kept.back().high;
  out.param =
      static_cast<std::uint32_t>(std::min<int>(std::countl_zero(spread), 64 - kTouchedBitsMax));
  const auto width = static_cast<unsigned>(std::bit_width(kept.size()));
  const auto bits = std::clamp(width, 1U, kBlockIndexBitsMax);
  out.second = prefix_index(kept.size(), bits, [&](std::size_t row) {
    return kept[row].high << out.param >> (64 - bits);
  });
  out.third =
      touched_cells(kept, out.param, std::clamp(width + 4, kTouchedBitsMin, kTouchedBitsMax));
  out.values = kept.size();
  rows_ = {};
  return out;
}

}  // namespace tocsin
