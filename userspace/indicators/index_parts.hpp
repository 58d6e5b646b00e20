// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "indicators/index_format.hpp"
#include "indicators/index_hash.hpp"
#include "indicators/ip_network.hpp"

// The builder's half of index_tables.hpp: each collects its rows and turns them into sections.
namespace tocsin {

using Blob = std::vector<std::byte>;

template <typename T>
void append(Blob& blob, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto at = blob.size();
  blob.resize(at + sizeof value);
  std::memcpy(blob.data() + at, &value, sizeof value);
}

// Links the records of one value, and leaves out those that repeat an earlier one of their file.
class RecordLinker {
 public:
  RecordLinker(std::vector<index_format::Record>& records, std::span<const std::uint32_t> file_of)
      : records_(records), file_of_context_(file_of) {}
  // ids in ascending order, not empty; returns the first.
  std::uint32_t link(std::span<const std::uint32_t> ids);
  std::vector<std::uint64_t> duplicates;  // per file

 private:
  [[nodiscard]] bool repeats(std::span<const std::uint32_t> kept, std::uint32_t id) const;
  [[nodiscard]] std::uint32_t file_of(std::uint32_t id) const {
    return file_of_context_[records_[id].context];
  }
  std::vector<index_format::Record>& records_;
  std::span<const std::uint32_t> file_of_context_;
  std::vector<std::uint32_t> kept_;
};

struct Sections {
  Blob first, second, third;  // in the order of SectionId
  std::uint32_t param = 0;
  std::size_t values = 0;  // distinct
};

class DigestPart {
 public:
  explicit DigestPart(std::size_t width) : width_(width) {}
  void add(const std::uint8_t* digest, std::uint32_t record);
  [[nodiscard]] Sections build(RecordLinker& linker);

 private:
  std::size_t width_;
  Blob rows_;
  std::vector<std::uint32_t> records_;
};

class TextPart {
 public:
  // Fails when the arena is full.
  Result<void> add(std::string_view text, std::uint32_t record);
  // hash_of(key, text). Fails when the entries crowd more than the reader takes: another key helps.
  using HashOf = std::uint64_t (*)(NameHashKey key, std::string_view text);
  Result<Sections> build(NameHashKey key, HashOf hash_of, RecordLinker& linker);

 private:
  struct Ref {
    std::uint64_t hash;
    std::uint64_t offset;
  };
  [[nodiscard]] std::vector<Ref> sorted(NameHashKey key, HashOf hash_of) const;
  [[nodiscard]] std::vector<Ref> merge(std::vector<Ref> refs, RecordLinker& linker);
  Blob arena_ = Blob(8);  // offset 0 means "empty slot"
  std::size_t count_ = 0;
};

class BlockPart {
 public:
  explicit BlockPart(bool v4) : v4_(v4) {}
  void add(const IpNetwork& network, std::uint32_t record);
  [[nodiscard]] Sections build(RecordLinker& linker);

 private:
  struct Row {
    std::uint64_t high, low;
    std::uint32_t prefix, record;
    friend auto operator<=>(const Row&, const Row&) = default;
  };
  static Blob touched_cells(std::span<const Row> rows, unsigned skip, unsigned bits);
  bool v4_;
  std::vector<Row> rows_;
};

}  // namespace tocsin
