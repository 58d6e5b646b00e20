// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as a hash cache file: never a crash, never more rows than there are bytes for; what was
// taken survives being written and read again. Each input is tried as it is and with its checksums
// made right, so that the fields behind them are reached.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include "hash/hash_cache_file.hpp"

namespace {

using tocsin::HashCache;
using tocsin::HashKey;
using tocsin::KnownContent;

std::vector<std::pair<HashKey, KnownContent>> rows_of(const HashCache& cache) {
  std::vector<std::pair<HashKey, KnownContent>> rows;
  cache.for_each([&rows](const HashKey& key, const KnownContent& content) {
    rows.emplace_back(key, content);
  });
  return rows;
}

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kRowBytes = 128;

// CRC-32C bit by bit, written over the last four bytes.
void seal(std::span<std::uint8_t> block) {
  std::uint32_t crc = ~0u;
  for (const auto byte : block.first(block.size() - 4)) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  for (std::size_t i = 0; i < 4; ++i)
    block[block.size() - 4 + i] = static_cast<std::uint8_t>(~crc >> 8 * i);
}

void try_bytes(std::span<const std::uint8_t> bytes) {
  tocsin::BootId boot{};
  boot.fill(1);
  HashCache cache;
  const auto load = tocsin::decode_hash_cache(bytes, boot, cache);
  if (!load) {
    require(cache.size() == 0 && !load.error().message.empty());
    return;
  }
  require(cache.size() <= load->kept);
  require((load->kept + load->damaged + load->stale) * kRowBytes <= bytes.size());

  HashCache again;
  const auto written = tocsin::encode_hash_cache(cache, boot, 0);
  const auto reload = tocsin::decode_hash_cache(written, boot, again);
  require(reload && reload->kept == cache.size() && reload->remark.empty());
  require(rows_of(again) == rows_of(cache));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try_bytes({data, size});
  std::vector<std::uint8_t> sealed(data, data + size);
  if (size < kHeaderBytes) return 0;
  seal(std::span(sealed).first(kHeaderBytes));
  for (std::size_t at = kHeaderBytes; at + kRowBytes <= size; at += kRowBytes)
    seal(std::span(sealed).subspan(at, kRowBytes));
  try_bytes(sealed);
  return 0;
}
