// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/alert_id.hpp"

#include <sys/random.h>

#include <algorithm>
#include <random>

namespace tocsin {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kIdChars = 26;
constexpr std::uint64_t kMsMask = (std::uint64_t{1} << 48) - 1;

void fill_random(std::array<std::uint8_t, 10>& bytes) {
  if (::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size())) return;
  std::random_device device;  // a filter may refuse the system call
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(device()); });
}

// The next larger value; false when it wrapped around.
bool increment(std::array<std::uint8_t, 10>& bytes) {
  for (auto it = bytes.rbegin(); it != bytes.rend(); ++it)
    if (++*it != 0) return true;
  return false;
}

std::string encode(std::uint64_t ms, const std::array<std::uint8_t, 10>& tail) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  std::ranges::copy(tail, bytes.begin() + 6);
  std::string out(kIdChars, '0');
  // 128 bits in 26 characters of 5: two zero bits stand in front.
  for (std::size_t i = 0; i < kIdChars; ++i) {
    unsigned value = 0;
    for (std::size_t b = 0; b < 5; ++b) {
      const std::size_t bit = i * 5 + b;
      value <<= 1;
      if (bit >= 2) value |= (bytes[(bit - 2) / 8] >> (7 - (bit - 2) % 8)) & 1U;
    }
    out[i] = kAlphabet[value];
  }
  return out;
}

}  // namespace

AlertIdSource::AlertIdSource() : random_(fill_random) {}

std::string AlertIdSource::next(WallNs now) {
  const std::uint64_t ms =
      static_cast<std::uint64_t>(std::max<WallNs>(now, 0) / 1'000'000) & kMsMask;
  if (!used_ || ms > last_ms_) {
    last_ms_ = ms;
    random_(tail_);
  } else if (!increment(tail_)) {
    ++last_ms_;  // 2^80 ids in one millisecond: take the next one
  }
  used_ = true;
  return encode(last_ms_, tail_);
}

bool is_alert_id(std::string_view text) {
  return text.size() == kIdChars && text[0] <= '7' &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace tocsin
