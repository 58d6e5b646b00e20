// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/index_hash.hpp"

namespace tocsin {
namespace {

constexpr std::uint64_t kP1 = 0x9E3779B185EBCA87ULL;
constexpr std::uint64_t kP2 = 0xC2B2AE3D27D4EB4FULL;
constexpr std::uint64_t kP3 = 0x165667B19E3779F9ULL;
constexpr std::uint64_t kP4 = 0x85EBCA77C2B2AE63ULL;
constexpr std::uint64_t kP5 = 0x27D4EB2F165667C5ULL;

template <typename Word>
Word word_at(const std::byte* p) {
  Word value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

std::uint64_t lane(std::uint64_t acc, std::uint64_t input) {
  return std::rotl(acc + input * kP2, 31) * kP1;
}

std::uint64_t merge(std::uint64_t acc, std::uint64_t value) {
  return (acc ^ lane(0, value)) * kP1 + kP4;
}

}  // namespace

std::uint64_t xxh64(std::span<const std::byte> bytes) {
  const std::byte* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t acc = kP5;
  if (left >= 32) {
    std::array<std::uint64_t, 4> lanes = {kP1 + kP2, kP2, 0, std::uint64_t{0} - kP1};
    for (; left >= 32; p += 32, left -= 32)
      for (std::size_t i = 0; i < 4; ++i)
        lanes[i] = lane(lanes[i], word_at<std::uint64_t>(p + 8 * i));
    acc = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
          std::rotl(lanes[3], 18);
    for (const auto value : lanes) acc = merge(acc, value);
  }
  acc += bytes.size();
  for (; left >= 8; p += 8, left -= 8)
    acc = std::rotl(acc ^ lane(0, word_at<std::uint64_t>(p)), 27) * kP1 + kP4;
  if (left >= 4) {
    acc = std::rotl(acc ^ (word_at<std::uint32_t>(p) * kP1), 23) * kP2 + kP3;
    p += 4;
    left -= 4;
  }
  for (; left > 0; ++p, --left)
    acc = std::rotl(acc ^ (static_cast<std::uint64_t>(*p) * kP5), 11) * kP1;
  acc = (acc ^ (acc >> 33)) * kP2;
  acc = (acc ^ (acc >> 29)) * kP3;
  return acc ^ (acc >> 32);
}

std::uint64_t name_hash(NameHashKey key, std::string_view name) {
  std::uint64_t hash = 0;
  for (std::size_t end = name.size();;) {
    const auto dot = end == 0 ? std::string_view::npos : name.rfind('.', end - 1);
    const std::size_t start = dot == std::string_view::npos ? 0 : dot + 1;
    hash = chained_hash(key, hash, name.substr(start, end - start));
    if (start == 0) return hash;
    end = dot;
  }
}

}  // namespace tocsin
