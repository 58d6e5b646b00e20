// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/reassembly.hpp"

#include <algorithm>

namespace tocsin {

bool Reassembly::add(std::uint64_t offset, ByteSpan bytes) {
  if (offset < end()) {
    const auto known = std::min<std::uint64_t>(end() - offset, bytes.size());
    bytes = bytes.subspan(static_cast<std::size_t>(known));
    offset += known;
  }
  if (bytes.empty()) return true;
  if (offset > end()) {
    const auto it = waiting_.find(offset);
    if (it != waiting_.end() && it->second.size() >= bytes.size()) return true;
    if (held_bytes() + bytes.size() > limits_.bytes ||
        (it == waiting_.end() && waiting_.size() >= limits_.pieces))
      return false;
    auto& piece = waiting_[offset];
    // The same offset, but longer than before: only the rest is new.
    piece.insert(piece.end(), bytes.begin() + static_cast<std::ptrdiff_t>(piece.size()),
                 bytes.end());
    waiting_bytes_ = 0;
    for (const auto& [_, held] : waiting_) waiting_bytes_ += held.size();
    return true;
  }
  // Bytes that already wait came earlier: they win where both have something.
  bool fits = true;
  while (!bytes.empty()) {
    const auto next = waiting_.empty() ? offset + bytes.size() : waiting_.begin()->first;
    auto now =
        bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), next - offset)));
    const auto room = limits_.bytes - std::min(limits_.bytes, held_bytes());
    if (now.size() > room) now = now.first(room), fits = false;
    append(now);
    join();
    if (!fits) return false;
    const auto done = std::min<std::uint64_t>(end() - offset, bytes.size());
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += done;
  }
  return fits;
}

void Reassembly::append(ByteSpan bytes) {
  prefix_.insert(prefix_.end(), bytes.begin(), bytes.end());
}

// Moves what waits at the end of the prefix into it.
void Reassembly::join() {
  while (!waiting_.empty() && waiting_.begin()->first <= end()) {
    const auto first = waiting_.extract(waiting_.begin());
    const auto& piece = first.mapped();
    waiting_bytes_ -= piece.size();
    const auto known = std::min<std::uint64_t>(end() - first.key(), piece.size());
    append(ByteSpan(piece).subspan(static_cast<std::size_t>(known)));
  }
}

void Reassembly::consume(std::size_t size) {
  size = std::min(size, prefix_.size());
  prefix_.erase(prefix_.begin(), prefix_.begin() + static_cast<std::ptrdiff_t>(size));
  start_ += size;
}

void Reassembly::restart(std::uint64_t offset) {
  *this = Reassembly(limits_);
  start_ = offset;
}

}  // namespace tocsin
