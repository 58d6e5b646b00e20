// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "indicators/index_hash.hpp"
#include "indicators/index_tables.hpp"
#include "indicators/indicator.hpp"
#include "indicators/indicator_row.hpp"

namespace tocsin {

// One compiled index (docs/index-format.md), in memory or mapped. Immutable: any number of threads
// may ask at the same time. A miss allocates nothing; a hit reads the records and builds
// Indicators. "at" is the time that is judged: an indicator that had expired by then is not
// returned.
class IndexImage {
 public:
  // kHead reads only the head; kFull also every checksum and every order and reference, after
  // which each row is findable and nothing points outside.
  enum class Verify { kHead, kFull };

  // owner keeps bytes alive.
  static Result<IndexImage> open(std::shared_ptr<const void> owner, Bytes bytes, Verify verify);
  // Small files are read into memory. Larger ones stay mapped: whoever replaces one must rename a
  // new file over it, since a mapped file that shrinks kills its readers.
  static Result<IndexImage> open_file(const std::filesystem::path& path, Verify verify);
  static bool has_magic(Bytes bytes);

  void find_digest(IndicatorType type, std::span<const std::uint8_t> digest, WallNs at,
                   std::vector<Indicator>& out) const;
  void find_address(const IpAddress& address, WallNs at, std::vector<Indicator>& out) const;
  // name is canonical. Finds the name and, of indicators that cover their subdomains, its parents;
  // longest last.
  void find_name(std::string_view name, WallNs at, std::vector<Indicator>& out) const;
  // Canonical forms; the scheme of an http or https URL does not matter.
  void find_url(std::string_view url, WallNs at, std::vector<Indicator>& out) const;
  void find_path(std::string_view path, WallNs at, std::vector<Indicator>& out) const;

  struct FileInfo {
    std::string name;
    std::uint32_t rows = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] std::vector<FileInfo> files() const;
  // Distinct values by type; a value that several sets hold counts once.
  [[nodiscard]] std::array<std::uint64_t, kIndicatorTypes> counts() const;
  [[nodiscard]] std::size_t records() const;
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }
  [[nodiscard]] bool holds(IndicatorType digest_type) const;

  // Every row as it was given to the builder, in no particular order; file indexes files().
  using Visitor = std::function<void(std::uint32_t file, const SetMeta&, const IndicatorRow&)>;
  void for_each(const Visitor& visit) const;
  // The same piece by piece: visits the rows of one value, or none, and moves on; false at the end.
  struct Cursor {
    std::size_t table = 0, row = 0;
  };
  bool visit_some(Cursor& at, const Visitor& visit) const;

 private:
  struct Tables {
    DigestTable sha256, sha1, md5;
    TextTable names, urls, paths;
    BlockTable v4, v6;
  };

  // A name that was looked up: itself (whole) or one of its suffixes.
  struct NamePart {
    std::string_view text;
    bool whole = false;
  };

  [[nodiscard]] Result<void> read_sections(std::span<const index_format::Section> table);
  [[nodiscard]] Result<void> verify_tables() const;
  [[nodiscard]] Result<void> verify_references() const;
  [[nodiscard]] const DigestTable& digests(IndicatorType type) const;
  [[nodiscard]] std::string_view string_at(std::uint32_t offset) const;
  [[nodiscard]] std::optional<index_format::Record> record_at(std::uint32_t id) const;
  [[nodiscard]] std::optional<index_format::Context> context_at(std::uint32_t row) const;

  // Appends the live records of a chain as indicators. value gives the canonical text.
  template <typename Value>
  void collect(std::uint32_t first, WallNs at, const Value& value,
               std::vector<Indicator>& out) const;
  void collect_name(std::uint32_t first, WallNs at, const NamePart& part,
                    std::vector<Indicator>& out) const;
  [[nodiscard]] Indicator indicator_of(const index_format::Record& record) const;
  void visit_digest(IndicatorType type, std::size_t at, const Visitor& visit) const;
  void visit_text(IndicatorType type, const TextTable::Entry& entry, const Visitor& visit) const;
  template <typename Fill>
  void visit_chain(std::uint32_t first, const Visitor& visit, const Fill& fill) const;

  std::shared_ptr<const void> owner_;
  Bytes bytes_;
  Tables tables_;
  Bytes files_, contexts_, records_, strings_, counts_;
  NameHashKey key_;
  std::uint8_t labels_min_ = 0, labels_max_ = 0;
};

// The key of the URL table: without scheme when it is http or https.
std::string_view url_key(std::string_view url);

}  // namespace tocsin
