// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "extract/candidate.hpp"
#include "extract/encoding.hpp"

namespace tocsin {

// From positions of derived text back to positions of the text it was made of. Runs are copied
// bytes; positions between runs belong to the end of the run before.
class PositionMap {
 public:
  void add_run(std::size_t derived, std::size_t original) { runs_.push_back({derived, original}); }
  [[nodiscard]] std::size_t original(std::size_t derived) const;
  [[nodiscard]] bool empty() const { return runs_.empty(); }

 private:
  struct Run {
    std::size_t derived, original;
  };
  std::vector<Run> runs_;  // both ascending
};

// Line, column and byte offset for positions of a decoded document. Cheap when asked in ascending
// order.
class PlaceFinder {
 public:
  // map: positions asked for are of text derived from the document; null: of the document itself.
  explicit PlaceFinder(const DecodedText& document, const PositionMap* map = nullptr)
      : document_(document), map_(map) {}
  Place find(std::size_t position);

 private:
  const DecodedText& document_;
  const PositionMap* map_;
  std::size_t line_start_ = 0, scanned_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace tocsin
