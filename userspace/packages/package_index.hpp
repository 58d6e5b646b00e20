// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/sip_hash.hpp"

namespace tocsin {

enum class PackageManager : std::uint8_t { kDpkg, kApk, kRpm };
std::string_view to_string(PackageManager manager);  // "dpkg", "apk", "rpm"

// The digest by which a package's record describes its files.
enum class RecordKind : std::uint8_t { kNone, kMd5, kSha1, kSha256 };

// A package that owns a path. Valid as long as the index it came from.
struct PackageOwner {
  std::string_view name, version;
  PackageManager manager = PackageManager::kDpkg;
  RecordKind digest = RecordKind::kNone;  // kNone: the content is not recorded
  std::uint64_t content = 0;              // of the record, only for PackageIndex::intact()
};

// Which package owns which path of the host, and what the file should contain. Immutable. Paths and
// digests are kept as hashes under a key drawn at random for each index, 16 bytes a file: 64 bits
// of the path, 48 of the digest. A stranger can neither aim at them nor try them out, and by chance
// a path is taken for another one in 2^64 / files look-ups.
class PackageIndex {
 public:
  [[nodiscard]] std::optional<PackageOwner> owner_of(std::string_view path) const;
  // Whether a file's content is what its package brought; nullopt: not recorded, or digests lacks
  // the kind that is.
  [[nodiscard]] std::optional<bool> intact(const PackageOwner& owner,
                                           const FileDigests& digests) const;

  [[nodiscard]] std::size_t files() const { return files_.size(); }
  [[nodiscard]] std::size_t packages() const { return packages_.size(); }
  [[nodiscard]] std::size_t bytes() const;

 private:
  friend class PackageIndexBuilder;
  static constexpr unsigned kPackageBits = 16;

  struct File {
    std::uint64_t path;
    std::uint64_t content_and_package;  // the digest's hash (0: not recorded) << 16 | package
  };
  struct Package {
    std::uint32_t name_at;  // in text_, the version behind it
    std::uint16_t name_bytes, version_bytes;
    PackageManager manager;
    RecordKind digest;
  };

  explicit PackageIndex(SipKey key) : key_(key) {}
  [[nodiscard]] std::uint64_t path_hash(std::string_view path) const;
  [[nodiscard]] std::uint64_t content_hash(std::span<const std::uint8_t> digest) const;

  SipKey key_;
  std::vector<File> files_;  // by path
  std::vector<Package> packages_;
  std::string text_;
};

// Collects what the databases say. Not for several threads.
class PackageIndexBuilder {
 public:
  struct Package {
    std::string_view name, version;
    PackageManager manager = PackageManager::kDpkg;
    RecordKind digest = RecordKind::kNone;
  };

  PackageIndexBuilder();  // draws the key

  // False: the limit is reached, and the files added next are counted as left out.
  bool begin_package(const Package& package);
  // Of the package begun last. digest: as recorded; empty: is not.
  void add_file(std::string_view path, std::span<const std::uint8_t> digest);

  // Files that found no room: then a path without an owner may have one.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  std::shared_ptr<const PackageIndex> finish() &&;

 private:
  std::unique_ptr<PackageIndex> index_;
  bool full_ = false;
  std::uint64_t left_out_ = 0;
};

}  // namespace tocsin
