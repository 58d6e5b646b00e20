// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/byte_reader.hpp"

namespace tocsin {

// Puts the pieces of a byte stream in order: they come in any order, overlap and repeat. Where
// they overlap, what is in order already or begins earlier wins. Bounded in bytes and in pieces
// that wait for a gap to close.
class Reassembly {
 public:
  struct Limits {
    std::size_t bytes;   // held in all
    std::size_t pieces;  // waiting behind gaps
  };

  explicit Reassembly(Limits limits) : limits_(limits) {}

  // offset counts from the start of the stream. False: something did not fit and was left out.
  bool add(std::uint64_t offset, ByteSpan bytes);

  // All bytes from the stream's current start up to the first gap.
  [[nodiscard]] ByteSpan prefix() const { return prefix_; }
  // Where the first gap is.
  [[nodiscard]] std::uint64_t end() const { return start_ + prefix_.size(); }
  // Forgets bytes at the front of the prefix: the stream starts behind them.
  void consume(std::size_t size);
  // Forgets all; the stream starts at offset.
  void restart(std::uint64_t offset);

  [[nodiscard]] std::size_t held_bytes() const { return prefix_.size() + waiting_bytes_; }

 private:
  void append(ByteSpan bytes);
  void join();

  Limits limits_;
  std::uint64_t start_ = 0;  // offset of the prefix's first byte
  std::vector<std::byte> prefix_;
  std::map<std::uint64_t, std::vector<std::byte>> waiting_;  // by offset, behind the first gap
  std::size_t waiting_bytes_ = 0;
};

}  // namespace tocsin
