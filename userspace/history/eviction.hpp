// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "base/database.hpp"

namespace tocsin {

// How many rows of each group go when so many are too much: the largest groups are cut down to one
// level. sizes: of the groups, largest first; the last one is the floor and gives nothing. Answers
// as many numbers less one; their sum is less than excess when the floor is met before.
std::vector<std::uint64_t> even_cut(const std::vector<std::uint64_t>& sizes, std::uint64_t excess);

struct Evicted {
  std::int64_t rows = 0;
  WallNs before_ns = 0;  // all of them were last seen before
};

// Removes sightings for room: of whoever has the most, those unseen for longest, so that one
// program that fills the table drives out its own. Of programs and scripts the rows of one content
// count together, else those of one subject. Inside the caller's transaction.
Result<Evicted> evict(Database& database, std::int64_t excess);

}  // namespace tocsin
