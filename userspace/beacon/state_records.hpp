// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/clock.hpp"
#include "base/digest.hpp"
#include "beacon/known_programs.hpp"
#include "beacon/table.hpp"

// The single records of the saved state: docs/beacon-state-format.md.
namespace tocsin {

// In network order, as ByteReader reads.
class StateWriter {
 public:
  template <typename T>
  StateWriter& number(T value) {
    auto* to = room(sizeof(T));
    for (std::size_t i = sizeof(T); i-- > 0;)
      *to++ = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> 8 * i);
    return *this;
  }
  StateWriter& real(float value) { return number(std::bit_cast<std::uint32_t>(value)); }
  StateWriter& raw(ByteSpan bytes) {
    if (!bytes.empty()) std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    return *this;
  }
  StateWriter& digest(const Sha256& digest) { return raw(std::as_bytes(std::span(digest.bytes))); }
  StateWriter& text(std::string_view text) {
    return number(static_cast<std::uint16_t>(text.size())).raw(std::as_bytes(std::span(text)));
  }
  // Writes over a number that stands at that offset.
  void patch(std::size_t at, std::uint32_t value) {
    const auto end = std::exchange(used_, at);
    number(value);
    used_ = end;
  }
  [[nodiscard]] std::size_t size() const { return used_; }
  std::vector<std::byte> take() {
    bytes_.resize(used_);
    return std::move(bytes_);
  }

 private:
  // Grown by far more than asked for: the state is laid out on the thread of the events.
  std::byte* room(std::size_t size) {
    if (used_ + size > bytes_.size()) bytes_.resize(2 * (used_ + size));
    return bytes_.data() + std::exchange(used_, used_ + size);
  }

  std::vector<std::byte> bytes_;
  std::size_t used_ = 0;
};

// The first thing out of range is remembered.
class StateReader {
 public:
  explicit StateReader(ByteSpan bytes) : in_(bytes) {}
  ByteReader& in() { return in_; }

  WallNs time() {
    const auto high = std::uint64_t{in_.u32()};
    const auto value = static_cast<WallNs>(high << 32 | in_.u32());
    if (value < 0 || value > kTimeMost) wrong("a time");
    return value;
  }
  std::uint64_t u64() {
    const auto high = std::uint64_t{in_.u32()};
    return high << 32 | in_.u32();
  }
  float real(float least, float most) {
    const auto value = std::bit_cast<float>(in_.u32());
    if (!(value >= least && value <= most)) return wrong("a sum"), 0.0F;
    return value;
  }
  Sha256 digest() {
    Sha256 out;
    const auto bytes = in_.take(out.bytes.size());
    if (bytes.size() == out.bytes.size())
      std::ranges::transform(bytes, out.bytes.begin(),
                             [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    return out;
  }
  std::string text(std::size_t most) {
    const auto bytes = in_.take_u16_sized();
    if (bytes.size() > most) wrong("the length of a text");
    return std::string(as_text(bytes));
  }
  std::uint32_t count(std::size_t most) {
    const auto n = in_.u32();
    if (n <= most) return n;
    wrong("a count");
    return 0;
  }
  void wrong(std::string_view what) {
    if (wrong_.empty())
      wrong_ = fmt::format("{} is out of range before byte {}", what, in_.offset());
  }
  [[nodiscard]] bool ok() const { return in_.ok() && wrong_.empty(); }
  [[nodiscard]] std::string fault() const {
    return in_.ok() ? wrong_ : std::string("it ends too early");
  }

 private:
  static constexpr WallNs kTimeMost = WallNs{1} << 62;  // the year 2116
  ByteReader in_;
  std::string wrong_;
};

using SavedContent = std::pair<std::uint64_t, KnownPrograms::Content>;
using SavedPath = std::pair<std::uint64_t, KnownPrograms::Path>;
struct SavedKey {
  std::uint32_t subject = 0;  // its number in the file
  BeaconTable::Saved key;
};

void write_coverage(StateWriter& w, const KnownPrograms::Coverage& coverage);
KnownPrograms::Coverage read_coverage(StateReader& r);
void write_content(StateWriter& w, std::uint64_t key, const KnownPrograms::Content& content);
SavedContent read_content(StateReader& r);
void write_path(StateWriter& w, std::uint64_t key, const KnownPrograms::Path& path);
SavedPath read_path(StateReader& r);
void write_subject(StateWriter& w, const SubjectRecord& record);
SubjectRecord read_subject(StateReader& r);
void write_key(StateWriter& w, const BeaconTable& table, const BeaconKey& key);
SavedKey read_key(StateReader& r);

}  // namespace tocsin
