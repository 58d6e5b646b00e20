// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

// Layout of the compiled index, explained in docs/index-format.md. Everything is in the byte order
// of the machine that compiled it; byte_order tells a foreign one. Structs are read by memcpy, so
// the image needs no alignment.
namespace tocsin::index_format {

inline constexpr char kMagic[8] = {'T', 'O', 'C', 'S', 'I', 'N', 'I', 'X'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::uint32_t kByteOrder = 0x01020304;
inline constexpr std::size_t kSectionAlign = 64;
inline constexpr std::size_t kSectionsMax = 64;
inline constexpr std::uint32_t kNone = 0xffffffff;  // no record, no parent

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t byte_order;
  std::uint64_t file_bytes;
  std::uint64_t hash_k0, hash_k1;  // key of the text tables
  std::uint32_t section_count;
  std::uint8_t labels_min, labels_max;  // of the names; 0, 0: there are none
  std::uint16_t reserved;
  // XXH64 over this header with the field zero, followed by the section table.
  std::uint64_t checksum;
  std::uint64_t unused;
};
static_assert(sizeof(Header) == 64 && std::is_trivially_copyable_v<Header>);

enum class SectionId : std::uint32_t {
  kFiles = 1,
  kContexts = 2,
  kRecords = 3,
  kStrings = 4,
  kCounts = 5,  // one u64 per IndicatorType: distinct values
  // Digests: rows, prefix index, record ids. One triple per type.
  kSha256Rows = 10,
  kSha256Prefix,
  kSha256Records,
  kSha1Rows = 20,
  kSha1Prefix,
  kSha1Records,
  kMd5Rows = 30,
  kMd5Prefix,
  kMd5Records,
  // Text tables: slots, arena.
  kNameSlots = 40,
  kNameArena,
  kUrlSlots = 50,
  kUrlArena,
  kPathSlots = 60,
  kPathArena,
  // Address blocks: rows, first-level index, a bit for every range of addresses that is touched.
  kV4Blocks = 70,
  kV4Index,
  kV4Touched,
  kV6Blocks = 80,
  kV6Index,
  kV6Touched,
};

struct Section {
  std::uint32_t id;     // SectionId; unknown ids are skipped
  std::uint32_t param;  // address rows: bits skipped; text slots: home positions
  std::uint64_t offset, bytes;
  std::uint64_t checksum;  // XXH64
};
static_assert(sizeof(Section) == 32 && std::is_trivially_copyable_v<Section>);

// A source file, for the manifest.
struct File {
  std::uint32_t name;  // offset in kStrings
  std::uint32_t rows;
  std::uint64_t bytes;
};
static_assert(sizeof(File) == 16);

// What many records share. Strings are offsets in kStrings.
struct Context {
  std::uint32_t file;  // row of kFiles
  std::uint32_t set, campaign, source, tlp;
  std::uint32_t added_s;  // Unix seconds, 0: unknown
};
static_assert(sizeof(Context) == 24);

struct Record {
  std::uint32_t next;  // next record of the same value, always a larger id; kNone: the last
  std::uint32_t context;
  std::uint32_t line;
  std::uint32_t note;       // offset in kStrings
  std::uint32_t expires_s;  // Unix seconds, 0: never
  std::uint8_t flags;       // severity in the low three bits, then the bits below
  std::uint8_t confidence;
  std::uint16_t port;
};
static_assert(sizeof(Record) == 24);
inline constexpr std::uint8_t kSeverityMask = 0x07;
inline constexpr std::uint8_t kExact = 0x08;      // name: not its subdomains
inline constexpr std::uint8_t kUrlHost = 0x10;    // host of an URL; its note is "URL\nnote"
inline constexpr std::uint8_t kHostMatch = 0x20;  // URL: its host is in the index too
inline constexpr std::uint8_t kBlock = 0x40;      // address: its type is cidr, whatever its length
inline constexpr std::uint8_t kHttps = 0x80;      // URL: the scheme left out of the key is https

// A text table is an array of slots ordered by tag, with gaps: slot i holds an entry whose home
// position, tag * homes >> 32, is at most i, and every slot from home to i is taken.
struct Slot {
  std::uint32_t tag;     // upper half of the hash
  std::uint32_t offset;  // of the entry in the arena; 0: empty
};
static_assert(sizeof(Slot) == 8);

// Head of an arena entry; the text follows. Packed by hand: 6 bytes, unaligned.
inline constexpr std::size_t kEntryHeadBytes = 6;  // record u32, text bytes u16
// Slots from a home to its entry. The builder draws another key until it holds, the reader refuses
// more: a look-up is bounded in a hostile image too.
inline constexpr std::size_t kProbesMax = 1024;

struct V4Block {
  std::uint32_t start;  // first address as a number, its first byte is the highest
  std::uint32_t record;
  std::uint32_t parent;  // the smallest block round this one, always a smaller row; kNone: none
  std::uint32_t prefix;
};
static_assert(sizeof(V4Block) == 16);

struct V6Block {
  std::uint64_t high, low;  // start
  std::uint32_t record, parent, prefix, unused;
};
static_assert(sizeof(V6Block) == 32);

inline constexpr unsigned kBlockIndexBitsMax = 24;
inline constexpr unsigned kTouchedBitsMin = 3;  // one byte
inline constexpr unsigned kTouchedBitsMax = 28;

template <typename T>
T load(const std::byte* p) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
template <typename T>
T load_at(std::span<const std::byte> section, std::size_t row) {
  return load<T>(section.data() + row * sizeof(T));
}

constexpr std::uint64_t home_of(std::uint32_t tag, std::uint32_t homes) {
  return static_cast<std::uint64_t>(tag) * homes >> 32;
}

}  // namespace tocsin::index_format
