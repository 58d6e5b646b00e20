// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/index_image.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.hpp"
#include "base/limits.hpp"

namespace tocsin {
namespace {

using namespace index_format;

// Below this a private copy is cheap and no writer can pull the file away under a reader.
constexpr std::size_t kCopyBytesMax = 32UL * 1024 * 1024;

std::unexpected<Error> broken(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message));
}

Result<void> check_header(const Header& head, std::size_t bytes) {
  if (std::memcmp(head.magic, kMagic, sizeof kMagic) != 0)
    return broken("this is no compiled index");
  if (head.byte_order != kByteOrder)
    return broken("the index was compiled on a machine of another byte order; compile it here");
  if (head.version != kVersion)
    return broken(fmt::format("the index has format version {}; this program reads {}",
                              head.version, kVersion));
  if (head.file_bytes != bytes)
    return broken(fmt::format("the index has {} bytes of {}: truncated or still being written",
                              bytes, head.file_bytes));
  if (head.section_count > kSectionsMax ||
      sizeof(Header) + head.section_count * sizeof(Section) > bytes)
    return broken("the index has an impossible section table");
  return {};
}

std::uint64_t header_checksum(Header head, Bytes section_table) {
  head.checksum = 0;
  std::vector<std::byte> copy(sizeof head + section_table.size());
  std::memcpy(copy.data(), &head, sizeof head);
  std::ranges::copy(section_table, copy.begin() + sizeof head);
  return xxh64(copy);
}

struct Mapping {
  Mapping(void* at, std::size_t bytes) : at_(at), bytes_(bytes) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { ::munmap(at_, bytes_); }
  void* at_;
  std::size_t bytes_;
};

Result<std::shared_ptr<std::vector<std::byte>>> read_all(int fd, std::size_t bytes) {
  auto content = std::make_shared<std::vector<std::byte>>(bytes);
  std::size_t have = 0;
  while (have < bytes) {
    const auto got = ::read(fd, content->data() + have, bytes - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading the index", errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  content->resize(have);
  return content;
}

}  // namespace

bool IndexImage::has_magic(Bytes bytes) {
  return bytes.size() >= sizeof kMagic && std::memcmp(bytes.data(), kMagic, sizeof kMagic) == 0;
}

Result<IndexImage> IndexImage::open(std::shared_ptr<const void> owner, Bytes bytes, Verify verify) {
  if (bytes.size() < sizeof(Header)) return broken("the index is shorter than its head");
  const auto head = load<Header>(bytes.data());
  TOCSIN_TRY_VOID(check_header(head, bytes.size()));
  const auto table = bytes.subspan(sizeof(Header), head.section_count * sizeof(Section));
  if (head.checksum != header_checksum(head, table))
    return broken("the head of the index fails its checksum");
  IndexImage image;
  image.owner_ = std::move(owner);
  image.bytes_ = bytes;
  image.key_ = {head.hash_k0, head.hash_k1};
  image.labels_min_ = head.labels_min;
  image.labels_max_ = head.labels_max;
  std::vector<Section> sections(head.section_count);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto section = load_at<Section>(table, i);
    if (section.offset > bytes.size() || section.bytes > bytes.size() - section.offset)
      return broken(fmt::format("section {} lies outside the index", section.id));
    if (verify == Verify::kFull &&
        xxh64(bytes.subspan(section.offset, section.bytes)) != section.checksum)
      return broken(fmt::format("section {} fails its checksum", section.id));
    sections[i] = section;
  }
  TOCSIN_TRY_VOID(image.read_sections(sections));
  if (verify == Verify::kFull) {
    TOCSIN_TRY_VOID(image.verify_tables());
    TOCSIN_TRY_VOID(image.verify_references());
  }
  return image;
}

Result<IndexImage> IndexImage::open_file(const std::filesystem::path& path, Verify verify) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return fail_errno("opening " + path.string(), errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading " + path.string(), errno);
  if (!S_ISREG(status.st_mode)) return broken(path.string() + " is not a regular file");
  const auto bytes = static_cast<std::size_t>(status.st_size);
  if (bytes <= kCopyBytesMax) {
    TOCSIN_TRY(const auto content, read_all(fd.get(), bytes));
    return open(content, *content, verify);
  }
  void* at = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (at == MAP_FAILED) return fail_errno("mapping " + path.string(), errno);
  auto owner = std::make_shared<const Mapping>(at, bytes);
  if (verify == Verify::kFull) ::madvise(at, bytes, MADV_WILLNEED);
  return open(std::move(owner), {static_cast<const std::byte*>(at), bytes}, verify);
}

Result<void> IndexImage::read_sections(std::span<const Section> table) {
  const auto find = [&](SectionId id) {
    const auto at = std::ranges::find(table, static_cast<std::uint32_t>(id), &Section::id);
    return at == table.end() ? Section{} : *at;
  };
  const auto part = [&](SectionId id) {
    const auto section = find(id);
    return bytes_.subspan(section.offset, section.bytes);
  };
  using enum SectionId;
  files_ = part(kFiles);
  contexts_ = part(kContexts);
  records_ = part(kRecords);
  strings_ = part(kStrings);
  counts_ = part(kCounts);
  if (files_.size() % sizeof(File) != 0 || contexts_.size() % sizeof(Context) != 0 ||
      records_.size() % sizeof(Record) != 0 || counts_.size() != kIndicatorTypes * 8)
    return broken("a section of the index has a broken size");
  TOCSIN_TRY(tables_.sha256, DigestTable::open(part(kSha256Rows), part(kSha256Prefix),
                                               part(kSha256Records), Sha256::kBytes));
  TOCSIN_TRY(tables_.sha1, DigestTable::open(part(kSha1Rows), part(kSha1Prefix), part(kSha1Records),
                                             Sha1::kBytes));
  TOCSIN_TRY(tables_.md5,
             DigestTable::open(part(kMd5Rows), part(kMd5Prefix), part(kMd5Records), Md5::kBytes));
  TOCSIN_TRY(tables_.names,
             TextTable::open(part(kNameSlots), part(kNameArena), find(kNameSlots).param));
  TOCSIN_TRY(tables_.urls,
             TextTable::open(part(kUrlSlots), part(kUrlArena), find(kUrlSlots).param));
  TOCSIN_TRY(tables_.paths,
             TextTable::open(part(kPathSlots), part(kPathArena), find(kPathSlots).param));
  const auto blocks = [&](SectionId rows, SectionId index, SectionId touched) {
    return BlockTable::Parts{part(rows), part(index), part(touched), find(rows).param};
  };
  TOCSIN_TRY(tables_.v4, BlockTable::open(blocks(kV4Blocks, kV4Index, kV4Touched), true));
  TOCSIN_TRY(tables_.v6, BlockTable::open(blocks(kV6Blocks, kV6Index, kV6Touched), false));
  return {};
}

Result<void> IndexImage::verify_tables() const {
  TOCSIN_TRY_VOID(tables_.sha256.verify());
  TOCSIN_TRY_VOID(tables_.sha1.verify());
  TOCSIN_TRY_VOID(tables_.md5.verify());
  TOCSIN_TRY_VOID(tables_.v4.verify());
  TOCSIN_TRY_VOID(tables_.v6.verify());
  std::uint8_t least = 0xff;
  std::uint8_t most = 0;
  TOCSIN_TRY_VOID(tables_.names.verify([&](std::string_view name) {
    const auto labels =
        static_cast<std::uint8_t>(std::min<std::ptrdiff_t>(std::ranges::count(name, '.') + 1, 255));
    least = std::min(least, labels);
    most = std::max(most, labels);
    return name_hash(key_, name);
  }));
  if (most != 0 && (least < labels_min_ || most > labels_max_))
    return broken("the index has names outside its own label counts");
  const auto whole = [&](std::string_view text) { return chained_hash(key_, 0, text); };
  TOCSIN_TRY_VOID(tables_.urls.verify(whole));
  return tables_.paths.verify(whole);
}

// Every record belongs to at most one value: chains cannot run in circles or be walked from many
// places, so that reading all of them takes one step per record.
Result<void> IndexImage::verify_references() const {
  const auto records = this->records();
  std::vector<bool> taken(records);
  const auto take = [&](std::uint32_t id) {
    if (id >= records || taken[id]) return false;
    taken[id] = true;
    return true;
  };
  for (std::size_t i = 0; i < records; ++i) {
    const auto record = load_at<Record>(records_, i);
    if (record.next != kNone && (record.next <= i || !take(record.next)))
      return broken(fmt::format("record {} has an impossible successor", i));
    if (!context_at(record.context)) return broken(fmt::format("record {} has no context", i));
  }
  for (const auto* table : {&tables_.sha256, &tables_.sha1, &tables_.md5})
    for (std::size_t row = 0; row < table->size(); ++row)
      if (!take(table->record(row))) return broken("a digest has no record of its own");
  for (const auto* table : {&tables_.v4, &tables_.v6})
    for (std::size_t row = 0; row < table->size(); ++row)
      if (!take(table->record(row))) return broken("an address has no record of its own");
  for (const auto* table : {&tables_.names, &tables_.urls, &tables_.paths})
    for (std::size_t slot = 0; slot < table->slots(); ++slot) {
      const auto entry = table->entry(slot);
      if (entry && !take(entry->record)) return broken("a text has no record of its own");
    }
  return {};
}

std::size_t IndexImage::records() const {
  return records_.size() / sizeof(Record);
}

const DigestTable& IndexImage::digests(IndicatorType type) const {
  return type == IndicatorType::kSha1  ? tables_.sha1
         : type == IndicatorType::kMd5 ? tables_.md5
                                       : tables_.sha256;
}

bool IndexImage::holds(IndicatorType digest_type) const {
  return digests(digest_type).size() > 0;
}

std::string_view IndexImage::string_at(std::uint32_t offset) const {
  if (strings_.size() < 4 || offset > strings_.size() - 4) return {};
  const auto bytes = load<std::uint32_t>(strings_.data() + offset);
  if (bytes > strings_.size() - 4 - offset) return {};
  return {reinterpret_cast<const char*>(strings_.data() + offset + 4), bytes};
}

std::optional<Record> IndexImage::record_at(std::uint32_t id) const {
  if (id >= records()) return std::nullopt;
  return load_at<Record>(records_, id);
}

std::optional<Context> IndexImage::context_at(std::uint32_t row) const {
  if (row >= contexts_.size() / sizeof(Context)) return std::nullopt;
  const auto context = load_at<Context>(contexts_, row);
  if (context.file >= files_.size() / sizeof(File)) return std::nullopt;
  return context;
}

}  // namespace tocsin
