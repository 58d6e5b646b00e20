// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_cache.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <list>
#include <random>

#include "hash/file_systems.hpp"
#include "hash/hash_cache_file.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr std::size_t kHeader = 64;
constexpr std::size_t kRow = 128;
constexpr std::uint32_t kDisk = 8u << 20 | 1;

HashKey key(std::uint64_t n, std::uint32_t dev = kDisk) {
  HashKey out;
  out.ino = n;
  out.size = 1000 + n;
  out.ctime_ns = -5;
  out.mtime_ns = static_cast<std::int64_t>(n) << 33;
  out.dev = dev;
  out.generation = 0xfffffffe;
  return out;
}

KnownContent content(std::uint8_t n, bool sha1 = false, bool md5 = false) {
  KnownContent out;
  out.digests.sha256.bytes.fill(n);
  if (sha1) out.digests.sha1.emplace().bytes.fill(static_cast<std::uint8_t>(n + 1));
  if (md5) out.digests.md5.emplace().bytes.fill(static_cast<std::uint8_t>(n + 2));
  out.rung = HashRung::kRootPath;
  return out;
}

std::vector<HashKey> keys_of(const HashCache& cache) {
  std::vector<HashKey> out;
  cache.for_each([&out](const HashKey& k, const KnownContent&) { out.push_back(k); });
  return out;
}

BootId boot(std::uint8_t n) {
  BootId id;
  id.fill(n);
  return id;
}

}  // namespace

TEST_CASE("every part of an identity counts") {
  FileIdentity file;
  file.dev = kDisk;
  file.ino = 1;
  file.size = 2;
  file.ctime_ns = 3;
  file.mtime_ns = 4;
  file.generation = 5;
  file.mount_id = 6;
  file.fs_magic = fs_magic::kExt4;
  RootIdentity root;
  root.mnt_ns_id = 7;
  const auto base = HashKey::of_event(file, root);
  const auto differs = [&](auto change) {
    auto other_file = file;
    auto other_root = root;
    change(other_file, other_root);
    return HashKey::of_event(other_file, other_root) != base;
  };
  CHECK(differs([](auto& f, auto&) { ++f.dev; }));
  CHECK(differs([](auto& f, auto&) { ++f.ino; }));
  CHECK(differs([](auto& f, auto&) { ++f.size; }));
  CHECK(differs([](auto& f, auto&) { ++f.ctime_ns; }));
  CHECK(differs([](auto& f, auto&) { ++f.mtime_ns; }));
  CHECK(differs([](auto& f, auto&) { ++f.generation; }));
  // One file on a disk is one file, through whatever mount and namespace.
  CHECK_FALSE(differs([](auto& f, auto&) { ++f.mount_id; }));
  CHECK_FALSE(differs([](auto&, auto& r) { ++r.mnt_ns_id; }));
  CHECK_FALSE(differs([](auto& f, auto&) { ++f.nlink; }));
  CHECK(HashKey::of_script(file) != base);

  const auto distinguishes = [&](std::uint64_t magic, auto change) {
    auto one = file;
    one.fs_magic = magic;
    auto other = one;
    auto other_root = root;
    change(other, other_root);
    return HashKey::of_event(one, root) != HashKey::of_event(other, other_root);
  };
  CHECK(distinguishes(fs_magic::kBtrfs, [](auto& f, auto&) { ++f.mount_id; }));
  CHECK(distinguishes(fs_magic::kOverlay, [](auto&, auto& r) { ++r.mnt_ns_id; }));
}

TEST_CASE("a digest that is needed and not there makes a miss") {
  HashCache cache;
  cache.insert(key(1), content(1));
  CHECK(cache.find(key(1), {}) != nullptr);
  CHECK(cache.find(key(1), {true, false}) == nullptr);
  CHECK(cache.find(key(1), {false, true}) == nullptr);
  cache.insert(key(1), content(1, true, false));
  CHECK(cache.find(key(1), {true, false}) != nullptr);
  CHECK(cache.find(key(1), {true, true}) == nullptr);
  CHECK(cache.size() == 1);
}

TEST_CASE("the cache behaves as a plain list of the most recently used would") {
  constexpr std::size_t kMax = 16;
  HashCache cache(kMax);
  std::list<std::pair<HashKey, KnownContent>> naive;  // most recently used first
  const auto in_naive = [&](const HashKey& k) {
    return std::find_if(naive.begin(), naive.end(), [&](const auto& e) { return e.first == k; });
  };
  std::mt19937 rng(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto k = key(rng() % 40);
    const auto it = in_naive(k);
    if (rng() % 2 == 0) {
      const auto c = content(static_cast<std::uint8_t>(rng()));
      cache.insert(k, c);
      if (it != naive.end()) naive.erase(it);
      naive.emplace_front(k, c);
      if (naive.size() > kMax) naive.pop_back();
    } else {
      const auto* found = cache.find(k, {});
      REQUIRE((found != nullptr) == (it != naive.end()));
      if (found == nullptr) continue;
      REQUIRE(*found == it->second);
      naive.splice(naive.begin(), naive, it);
    }
    REQUIRE(cache.size() == naive.size());
  }
  CHECK(cache.evicted() > 0);
  std::vector<HashKey> expected;
  for (auto it = naive.rbegin(); it != naive.rend(); ++it) expected.push_back(it->first);
  CHECK(keys_of(cache) == expected);
}

TEST_CASE("a saved cache comes back whole and in order") {
  const TempDir dir;
  const auto path = dir.file("hash-cache");
  HashCache saved;
  for (std::uint8_t i = 0; i < 50; ++i)
    saved.insert(key(i, i % 2 == 0 ? kDisk : 40), content(i, i % 3 == 0, i % 5 == 0));
  static_cast<void>(saved.find(key(4), {}));
  REQUIRE(write_hash_cache(path, encode_hash_cache(saved, read_boot_id(), 1)));
  CHECK(std::filesystem::file_size(path) == kHeader + 50 * kRow);
  CHECK_FALSE(std::filesystem::exists(path + ".new"));

  HashCache loaded;
  const auto load = load_hash_cache(path, loaded);
  REQUIRE(load);
  CHECK(load->kept == 50);
  CHECK(load->remark.empty());
  CHECK(keys_of(loaded) == keys_of(saved));
  for (std::uint8_t i = 0; i < 50; ++i) {
    const auto k = key(i, i % 2 == 0 ? kDisk : 40);
    REQUIRE(loaded.find(k, {}) != nullptr);
    CHECK(*loaded.find(k, {}) == content(i, i % 3 == 0, i % 5 == 0));
  }
}

TEST_CASE("after a reboot only devices with hardware are believed") {
  HashCache saved;
  saved.insert(key(1), content(1));
  saved.insert(key(2, 40), content(2));
  const auto bytes = encode_hash_cache(saved, boot(1), 1);
  HashCache loaded;
  const auto load = decode_hash_cache(bytes, boot(2), loaded);
  REQUIRE(load);
  CHECK(load->kept == 1);
  CHECK(load->stale == 1);
  CHECK(loaded.find(key(1), {}) != nullptr);
  // An unknown boot id is equal to nothing, not even to itself.
  HashCache unknown;
  const auto none = decode_hash_cache(encode_hash_cache(saved, boot(0), 1), boot(0), unknown);
  REQUIRE(none);
  CHECK(none->stale == 1);
}

TEST_CASE("a damaged cache file keeps its good rows") {
  HashCache saved;
  for (std::uint8_t i = 0; i < 3; ++i) saved.insert(key(i), content(i));
  auto bytes = encode_hash_cache(saved, boot(1), 1);
  HashCache loaded;
  SECTION("a flipped bit in any byte of a row drops that row only") {
    for (std::size_t at = kHeader + kRow; at < kHeader + 2 * kRow; ++at) {
      auto damaged = bytes;
      damaged[at] ^= 0x10;
      HashCache into;
      const auto load = decode_hash_cache(damaged, boot(1), into);
      REQUIRE(load);
      CHECK(load->kept == 2);
      CHECK(load->damaged == 1);
      CHECK(into.find(key(1), {}) == nullptr);
    }
  }
  SECTION("torn in the middle of a row") {
    bytes.resize(kHeader + 2 * kRow + 17);
    const auto load = decode_hash_cache(bytes, boot(1), loaded);
    REQUIRE(load);
    CHECK(load->kept == 2);
    CHECK(load->remark.find("3 rows were promised, 2 whole ones are there") != std::string::npos);
  }
  SECTION("something was appended") {
    bytes.insert(bytes.end(), kRow, 0xaa);
    const auto load = decode_hash_cache(bytes, boot(1), loaded);
    REQUIRE(load);
    CHECK(load->kept == 3);
    CHECK_FALSE(load->remark.empty());
  }
  SECTION("a flipped bit in any byte of the header refuses the file") {
    for (std::size_t at = 0; at < kHeader; ++at) {
      auto damaged = bytes;
      damaged[at] ^= 1;
      HashCache into;
      const auto load = decode_hash_cache(damaged, boot(1), into);
      CHECK_FALSE(load);
      CHECK(into.size() == 0);
    }
  }
  SECTION("shorter than a header, or foreign") {
    for (std::size_t size = 0; size < kHeader; ++size)
      CHECK_FALSE(decode_hash_cache(std::span(bytes).first(size), boot(1), loaded));
    const std::vector<std::uint8_t> foreign(500, 'x');
    const auto load = decode_hash_cache(foreign, boot(1), loaded);
    REQUIRE_FALSE(load);
    CHECK(load.error().message == "not a hash cache (wrong magic)");
  }
}

TEST_CASE("only a file that nobody else can write is believed") {
  const TempDir dir;
  const auto path = dir.file("hash-cache");
  HashCache cache;
  CHECK(load_hash_cache(path, cache)->kept == 0);  // absent is fine

  HashCache saved;
  saved.insert(key(1), content(1));
  REQUIRE(write_hash_cache(path, encode_hash_cache(saved, boot(1), 1)));
  CHECK(load_hash_cache(path, cache)->kept == 1);
  REQUIRE(chmod(path.c_str(), 0620) == 0);
  CHECK_FALSE(load_hash_cache(path, cache));
  REQUIRE(chmod(path.c_str(), 0602) == 0);
  CHECK_FALSE(load_hash_cache(path, cache));

  std::filesystem::remove(path);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK_FALSE(load_hash_cache(path, cache));
  CHECK_FALSE(write_hash_cache(dir.file("absent/hash-cache"), {}));
}

TEST_CASE("a trap laid at the temporary name is not written through") {
  const TempDir dir;
  const auto victim = dir.write("victim", "precious");
  std::filesystem::create_symlink(victim, dir.file("hash-cache.new"));
  REQUIRE(write_hash_cache(dir.file("hash-cache"), {}));
  CHECK(read_text(victim) == "precious");
}
