// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/rpm_header.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>

#include "base/text.hpp"
#include "packages/package_limits.hpp"

namespace tocsin::rpm {
namespace {

// rpmtag.h
enum Tag : std::uint32_t {
  kName = 1000,
  kVersion = 1001,
  kRelease = 1002,
  kEpoch = 1003,
  kFileStates = 1029,
  kFileModes = 1030,
  kFileDigests = 1035,
  kFileFlags = 1037,
  kDirIndexes = 1116,
  kBaseNames = 1117,
  kDirNames = 1118,
  kFileDigestAlgo = 5011,
};
enum Type : std::uint32_t {
  kChar = 1,
  kInt8 = 2,
  kInt16 = 3,
  kInt32 = 4,
  kString = 6,
  kStrings = 8
};

constexpr std::size_t kEntryBytes = 16;
constexpr std::uint32_t kGhost = 1U << 6;     // RPMFILE_GHOST: listed, not in the package
constexpr std::uint64_t kInstalledState = 0;  // RPMFILE_STATE_NORMAL

struct Entry {
  std::uint32_t tag = 0, type = 0, offset = 0, count = 0;
};

class Store {
 public:
  Store(std::vector<Entry> entries, std::string_view data)
      : entries_(std::move(entries)), data_(data) {}

  // Empty: the tag is not there, has another type, or does not fit into the store.
  [[nodiscard]] std::vector<std::uint64_t> numbers(Tag tag) const {
    const auto* entry = find(tag);
    if (entry == nullptr) return {};
    const std::size_t width = entry->type == kChar || entry->type == kInt8 ? 1
                              : entry->type == kInt16                      ? 2
                              : entry->type == kInt32                      ? 4
                                                                           : 0;
    const auto room = data_.size() - entry->offset;
    if (width == 0 || entry->count > room / width) return {};
    ByteReader reader(std::as_bytes(std::span(data_)).subspan(entry->offset));
    std::vector<std::uint64_t> out(entry->count);
    for (auto& number : out)
      number = width == 1 ? reader.u8() : width == 2 ? reader.u16() : reader.u32();
    return out;
  }
  [[nodiscard]] std::vector<std::string_view> texts(Tag tag) const {
    const auto* entry = find(tag);
    if (entry == nullptr || (entry->type != kString && entry->type != kStrings)) return {};
    auto rest = data_.substr(entry->offset);
    if (entry->count > rest.size()) return {};  // each has a NUL of its own
    std::vector<std::string_view> out;
    out.reserve(entry->count);
    for (std::uint32_t i = 0; i < entry->count; ++i) {
      const auto end = rest.find('\0');
      if (end == std::string_view::npos) return {};
      out.push_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    return out;
  }
  [[nodiscard]] std::string_view text(Tag tag) const {
    const auto all = texts(tag);
    return all.empty() ? std::string_view() : all[0];
  }

 private:
  [[nodiscard]] const Entry* find(Tag tag) const {
    for (const auto& entry : entries_)
      if (entry.tag == tag && entry.offset <= data_.size()) return &entry;
    return nullptr;
  }
  std::vector<Entry> entries_;
  std::string_view data_;
};

Result<Store> open_store(ByteSpan blob) {
  ByteReader reader(blob);
  const auto entry_count = reader.u32();
  const auto data_bytes = reader.u32();
  if (!reader.ok() || entry_count > reader.left() / kEntryBytes)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} tags do not fit into {} bytes", entry_count, blob.size()));
  std::vector<Entry> entries(entry_count);
  for (auto& entry : entries) entry = {reader.u32(), reader.u32(), reader.u32(), reader.u32()};
  if (data_bytes > reader.left())
    return fail(ErrorCode::kInvalidInput,
                fmt::format("a store of {} bytes does not fit into the {} that are left",
                            data_bytes, reader.left()));
  return Store(std::move(entries), as_text(reader.take(data_bytes)));
}

// PGPHASHALGO_*; without the tag it is MD5, as all packages before rpm 4.6 have it.
RecordKind kind_of(const std::vector<std::uint64_t>& algorithm) {
  if (algorithm.empty() || algorithm[0] == 1) return RecordKind::kMd5;
  if (algorithm[0] == 2) return RecordKind::kSha1;
  return algorithm[0] == 8 ? RecordKind::kSha256 : RecordKind::kNone;
}

std::size_t bytes_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::kMd5:
      return Md5::kBytes;
    case RecordKind::kSha1:
      return Sha1::kBytes;
    case RecordKind::kSha256:
      return Sha256::kBytes;
    case RecordKind::kNone:
      break;
  }
  return 0;
}

void read_files(const Store& store, Header& out) {
  const auto names = store.texts(kBaseNames);
  const auto folders = store.texts(kDirNames);
  const auto folder_of = store.numbers(kDirIndexes);
  const auto modes = store.numbers(kFileModes);
  const auto flags = store.numbers(kFileFlags);
  const auto states = store.numbers(kFileStates);
  const auto digests = store.texts(kFileDigests);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i < modes.size() && S_ISDIR(modes[i])) continue;
    if (i < flags.size() && (flags[i] & kGhost) != 0) continue;
    if (i < states.size() && states[i] != kInstalledState) continue;
    if (i >= folder_of.size() || folder_of[i] >= folders.size() ||
        names[i].size() + folders[folder_of[i]].size() > limits::kPackagePathBytesMax) {
      ++out.faults;
      continue;
    }
    File file{std::string(folders[folder_of[i]]).append(names[i]), {}};
    if (i < digests.size() && !digests[i].empty() && out.digest != RecordKind::kNone) {
      file.digest.resize(bytes_of(out.digest));
      if (!from_hex(digests[i], file.digest)) {
        file.digest.clear();
        ++out.faults;
      }
    }
    out.files.push_back(std::move(file));
  }
}

}  // namespace

Result<Header> read_header(ByteSpan blob) {
  TOCSIN_TRY(const Store store, open_store(blob));
  Header out;
  out.name = store.text(kName);
  if (out.name.empty()) return fail(ErrorCode::kInvalidInput, "the header names no package");
  const auto epoch = store.numbers(kEpoch);
  if (!epoch.empty() && epoch[0] != 0) out.version = fmt::format("{}:", epoch[0]);
  out.version += fmt::format("{}-{}", store.text(kVersion), store.text(kRelease));
  out.digest = kind_of(store.numbers(kFileDigestAlgo));
  read_files(store, out);
  return out;
}

}  // namespace tocsin::rpm
