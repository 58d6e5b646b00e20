// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/package_index.hpp"

#include <sys/random.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "packages/package_limits.hpp"

namespace tocsin {
namespace {

constexpr unsigned kContentBits = 48;

template <std::size_t N>
std::span<const std::uint8_t> bytes_of(const std::optional<DigestOf<N>>& digest) {
  if (!digest) return {};
  return digest->bytes;
}

std::span<const std::uint8_t> recorded_kind(RecordKind kind, const FileDigests& digests) {
  switch (kind) {
    case RecordKind::kMd5:
      return bytes_of(digests.md5);
    case RecordKind::kSha1:
      return bytes_of(digests.sha1);
    case RecordKind::kSha256:
      return digests.sha256.bytes;
    case RecordKind::kNone:
      break;
  }
  return {};
}

std::string_view as_chars(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string_view to_string(PackageManager manager) {
  static constexpr std::string_view kNames[] = {"dpkg", "apk", "rpm"};
  return kNames[static_cast<std::size_t>(manager)];
}

std::uint64_t PackageIndex::path_hash(std::string_view path) const {
  return SipHash<2, 4>(key_)(path);
}

// Never 0, which means that nothing is recorded.
std::uint64_t PackageIndex::content_hash(std::span<const std::uint8_t> digest) const {
  const auto hash = SipHash<2, 4>(key_)(as_chars(digest)) >> (64 - kContentBits);
  return hash == 0 ? 1 : hash;
}

std::optional<PackageOwner> PackageIndex::owner_of(std::string_view path) const {
  const auto hash = path_hash(path);
  const auto at = std::ranges::lower_bound(files_, hash, {}, &File::path);
  if (at == files_.end() || at->path != hash) return std::nullopt;
  const auto& package = packages_[at->content_and_package & ((1U << kPackageBits) - 1)];
  const auto content = at->content_and_package >> kPackageBits;
  const std::string_view text(text_);
  return PackageOwner{
      .name = text.substr(package.name_at, package.name_bytes),
      .version = text.substr(package.name_at + package.name_bytes, package.version_bytes),
      .manager = package.manager,
      .digest = content == 0 ? RecordKind::kNone : package.digest,
      .content = content};
}

std::optional<bool> PackageIndex::intact(const PackageOwner& owner,
                                         const FileDigests& digests) const {
  const auto digest = recorded_kind(owner.digest, digests);
  if (digest.empty()) return std::nullopt;
  return content_hash(digest) == owner.content;
}

std::size_t PackageIndex::bytes() const {
  return files_.capacity() * sizeof(File) + packages_.capacity() * sizeof(Package) +
         text_.capacity();
}

PackageIndexBuilder::PackageIndexBuilder() {
  SipKey key;
  // Cannot fail for so few bytes once the machine is up.
  [[maybe_unused]] const auto got = getrandom(&key, sizeof key, 0);
  index_.reset(new PackageIndex(key));
}

bool PackageIndexBuilder::begin_package(const Package& package) {
  auto& index = *index_;
  constexpr std::size_t kTextMax = std::numeric_limits<std::uint16_t>::max();
  full_ = index.packages_.size() >= limits::kPackagesMax ||
          package.name.size() + package.version.size() > kTextMax;
  if (full_) return false;
  index.packages_.push_back({.name_at = static_cast<std::uint32_t>(index.text_.size()),
                             .name_bytes = static_cast<std::uint16_t>(package.name.size()),
                             .version_bytes = static_cast<std::uint16_t>(package.version.size()),
                             .manager = package.manager,
                             .digest = package.digest});
  index.text_.append(package.name).append(package.version);
  return true;
}

void PackageIndexBuilder::add_file(std::string_view path, std::span<const std::uint8_t> digest) {
  auto& index = *index_;
  if (full_ || index.packages_.empty() || index.files_.size() >= limits::kPackageFilesMax) {
    ++left_out_;
    return;
  }
  const auto content = digest.empty() ? 0 : index.content_hash(digest);
  index.files_.push_back({.path = index.path_hash(path),
                          .content_and_package = content << PackageIndex::kPackageBits |
                                                 (index.packages_.size() - 1)});
}

std::shared_ptr<const PackageIndex> PackageIndexBuilder::finish() && {
  auto& files = index_->files_;
  // A path that several packages list: the one that records its content counts, then the first.
  constexpr std::uint64_t kPackage = (1U << PackageIndex::kPackageBits) - 1;
  std::ranges::sort(files, {}, [](const PackageIndex::File& file) {
    return std::tuple(file.path, file.content_and_package <= kPackage,
                      file.content_and_package & kPackage);
  });
  const auto repeats = std::ranges::unique(files, {}, &PackageIndex::File::path);
  files.erase(repeats.begin(), repeats.end());
  files.shrink_to_fit();
  index_->packages_.shrink_to_fit();
  index_->text_.shrink_to_fit();
  return std::move(index_);
}

}  // namespace tocsin
