// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_cache_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/fd.hpp"
#include "base/own_file.hpp"
#include "base/text.hpp"
#include "hash/file_identity_check.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kMagic = "tocsinHC";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kRowBytes = 128;
constexpr std::size_t kCrcBytes = 4;
constexpr std::uint8_t kHasSha1 = 1;
constexpr std::uint8_t kHasMd5 = 2;
constexpr std::size_t kFileBytesMax = kHeaderBytes + limits::kHashCacheEntriesMax * kRowBytes;

// Eight tables, so that eight bytes go in one step: a full cache is 8 MiB.
using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr CrcTables make_crc_tables() {
  constexpr std::uint32_t kCastagnoli = 0x82F63B78;  // reflected
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? kCastagnoli : 0);
    tables[0][i] = crc;
  }
  for (std::size_t t = 1; t < tables.size(); ++t)
    for (std::size_t i = 0; i < 256; ++i)
      tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 0xff];
  return tables;
}

std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  static constexpr auto kTables = make_crc_tables();
  std::uint32_t crc = ~0u;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    const std::uint32_t low = crc ^ (std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 |
                                     std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[3]} << 24);
    crc = kTables[7][low & 0xff] ^ kTables[6][low >> 8 & 0xff] ^ kTables[5][low >> 16 & 0xff] ^
          kTables[4][low >> 24] ^ kTables[3][bytes[4]] ^ kTables[2][bytes[5]] ^
          kTables[1][bytes[6]] ^ kTables[0][bytes[7]];
  }
  for (const auto byte : bytes) crc = crc >> 8 ^ kTables[0][(crc ^ byte) & 0xff];
  return ~crc;
}

// Little-endian numbers and plain bytes, one after another, into a block of known size that is
// zero.
class Writer {
 public:
  explicit Writer(std::span<std::uint8_t> block) : block_(block) {}
  template <typename T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
      block_[at_++] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> 8 * i);
  }
  void bytes(std::span<const std::uint8_t> bytes) {
    std::memcpy(&block_[at_], bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  // In the last four bytes.
  void checksum() {
    at_ = block_.size() - kCrcBytes;
    number(crc32c(block_.first(at_)));
  }

 private:
  std::span<std::uint8_t> block_;
  std::size_t at_ = 0;
};

// The caller made sure that the bytes are there.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  template <typename T>
  T number() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value |= std::uint64_t{bytes_[i]} << 8 * i;
    bytes_ = bytes_.subspan(sizeof(T));
    return static_cast<T>(value);
  }
  void fill(std::span<std::uint8_t> out) {
    std::memcpy(out.data(), bytes_.data(), out.size());
    bytes_ = bytes_.subspan(out.size());
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

bool checksum_ok(std::span<const std::uint8_t> bytes) {
  const auto body = bytes.first(bytes.size() - kCrcBytes);
  return Reader(bytes.last(kCrcBytes)).number<std::uint32_t>() == crc32c(body);
}

bool is_zero(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

void write_row(Writer out, const HashKey& key, const KnownContent& content) {
  out.number(key.ino);
  out.number(key.size);
  out.number(key.ctime_ns);
  out.number(key.mtime_ns);
  out.number(key.scope);
  out.number(key.dev);
  out.number(key.generation);
  out.number(key.mount_id);
  out.number(static_cast<std::uint8_t>(key.told));
  const auto& digests = content.digests;
  out.number(
      static_cast<std::uint8_t>((digests.sha1 ? kHasSha1 : 0) | (digests.md5 ? kHasMd5 : 0)));
  out.number(static_cast<std::uint8_t>(content.rung));
  out.number(std::uint8_t{0});
  out.bytes(digests.sha256.bytes);
  out.bytes(digests.sha1.value_or(Sha1{}).bytes);
  out.bytes(digests.md5.value_or(Md5{}).bytes);
  out.checksum();
}

bool read_row(std::span<const std::uint8_t> row, HashKey& key, KnownContent& content) {
  if (!checksum_ok(row)) return false;
  Reader in(row);
  key.ino = in.number<std::uint64_t>();
  key.size = in.number<std::uint64_t>();
  key.ctime_ns = in.number<std::int64_t>();
  key.mtime_ns = in.number<std::int64_t>();
  key.scope = in.number<std::uint64_t>();
  key.dev = in.number<std::uint32_t>();
  key.generation = in.number<std::uint32_t>();
  key.mount_id = in.number<std::uint32_t>();
  const auto told = in.number<std::uint8_t>();
  const auto has = in.number<std::uint8_t>();
  const auto rung = in.number<std::uint8_t>();
  const auto reserved = in.number<std::uint8_t>();
  if (told > 1 || (has & ~(kHasSha1 | kHasMd5)) != 0 || rung >= kHashRungCount || reserved != 0)
    return false;
  key.told = static_cast<HashKey::Told>(told);
  content.rung = static_cast<HashRung>(rung);
  Sha1 sha1;
  Md5 md5;
  in.fill(content.digests.sha256.bytes);
  in.fill(sha1.bytes);
  in.fill(md5.bytes);
  if ((has & kHasSha1) != 0) content.digests.sha1 = sha1;
  if ((has & kHasMd5) != 0) content.digests.md5 = md5;
  return true;
}

// Rows promised and the boot they come from.
struct Header {
  std::uint64_t rows = 0;
  BootId boot_id{};
};

Result<Header> read_header(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeaderBytes)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} bytes are too few for a hash cache", bytes.size()));
  const auto head = bytes.first(kHeaderBytes);
  if (std::memcmp(head.data(), kMagic.data(), kMagic.size()) != 0)
    return fail(ErrorCode::kInvalidInput, "not a hash cache (wrong magic)");
  if (!checksum_ok(head)) return fail(ErrorCode::kInvalidInput, "the header is damaged (checksum)");
  Reader in(head.subspan(kMagic.size()));
  const auto version = in.number<std::uint32_t>();
  const auto row_bytes = in.number<std::uint32_t>();
  if (version != kVersion || row_bytes != kRowBytes)
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("version {} with rows of {} bytes is not understood", version, row_bytes));
  Header header;
  header.rows = in.number<std::uint64_t>();
  in.fill(header.boot_id);
  return header;
}

void remark(HashCacheLoad& load, std::string_view text) {
  if (!load.remark.empty()) load.remark += "; ";
  load.remark += text;
}

Result<void> write_all(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno("write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

BootId read_boot_id() {
  BootId id{};
  const Fd fd(open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text;
  const auto got = fd ? read(fd.get(), text.data(), text.size()) : -1;
  if (got <= 0) return id;
  std::string hex(text.data(), static_cast<std::size_t>(got));
  std::erase_if(hex, [](char c) { return c == '-' || c == '\n'; });
  if (!from_hex(hex, id)) id.fill(0);
  return id;
}

Result<HashCacheLoad> decode_hash_cache(std::span<const std::uint8_t> bytes, const BootId& boot_id,
                                        HashCache& cache) {
  TOCSIN_TRY(const auto header, read_header(bytes));
  const bool same_boot = header.boot_id == boot_id && !is_zero(boot_id);
  HashCacheLoad load;
  auto rows = bytes.subspan(kHeaderBytes);
  const auto whole = rows.size() / kRowBytes;
  if (rows.size() % kRowBytes != 0 || whole != header.rows)
    remark(load, fmt::format("{} rows were promised, {} whole ones are there", header.rows, whole));
  const auto count = std::min({whole, std::size_t{header.rows}, limits::kHashCacheEntriesMax});
  for (std::size_t i = 0; i < count; ++i) {
    HashKey key;
    KnownContent content;
    if (!read_row(rows.subspan(i * kRowBytes, kRowBytes), key, content)) {
      ++load.damaged;
    } else if (!same_boot && is_anonymous_dev(key.dev)) {
      ++load.stale;
    } else {
      cache.insert(key, content);
      ++load.kept;
    }
  }
  if (load.damaged != 0) remark(load, fmt::format("{} damaged rows were dropped", load.damaged));
  return load;
}

std::vector<std::uint8_t> encode_hash_cache(const HashCache& cache, const BootId& boot_id,
                                            WallNs now_ns) {
  std::vector<std::uint8_t> out(kHeaderBytes + cache.size() * kRowBytes);
  Writer head{std::span(out).first(kHeaderBytes)};
  for (const char c : kMagic) head.number(static_cast<std::uint8_t>(c));
  head.number(kVersion);
  head.number(static_cast<std::uint32_t>(kRowBytes));
  head.number(std::uint64_t{cache.size()});
  head.bytes(boot_id);
  head.number(now_ns);
  head.checksum();
  auto rows = std::span(out).subspan(kHeaderBytes);
  cache.for_each([&rows](const HashKey& key, const KnownContent& content) {
    write_row(Writer(rows.first(kRowBytes)), key, content);
    rows = rows.subspan(kRowBytes);
  });
  return out;
}

Result<HashCacheLoad> load_hash_cache(const std::string& path, HashCache& cache) {
  TOCSIN_TRY(const auto bytes, read_own_file(path, kFileBytesMax));
  if (!bytes) return HashCacheLoad{};
  const std::span plain(reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size());
  auto load = decode_hash_cache(plain, read_boot_id(), cache);
  if (!load) return std::unexpected(std::move(load).error().with_context(path));
  if (!load->remark.empty()) load->remark.insert(0, path + ": ");
  return load;
}

Result<void> write_hash_cache(const std::string& path, std::span<const std::uint8_t> bytes) {
  const auto fresh = path + ".new";
  {
    // Whatever stands there is left over from a crash, or a trap: it is not written through.
    unlink(fresh.c_str());
    const Fd fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return fail_errno(fresh, errno);
    auto written = write_all(fd.get(), bytes);
    if (written && fdatasync(fd.get()) != 0) written = fail_errno("fdatasync", errno);
    if (!written) {
      unlink(fresh.c_str());
      return std::unexpected(std::move(written).error().with_context(fresh));
    }
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(fresh.c_str());
    return fail_errno("renaming " + fresh + " to " + path, error);
  }
  return {};
}

}  // namespace tocsin
