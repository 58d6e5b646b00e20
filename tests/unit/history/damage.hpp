// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <string>

#include "unit/history/history_fixture.hpp"

namespace tocsin::test {

// Overwrites the first page of a table or an index. The file must be closed.
inline void damage(const std::string& path, const std::string& object) {
  const auto page =
      number_in(path, fmt::format("SELECT rootpage FROM sqlite_master WHERE name='{}'", object));
  const auto pages = number_in(path, "PRAGMA page_count");
  const auto bytes = number_in(path, "PRAGMA page_size");
  REQUIRE(page > 1);
  REQUIRE(pages > page);  // in the middle
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp((page - 1) * bytes);
  file << std::string(static_cast<std::size_t>(bytes), '\x5a');
  REQUIRE(file.flush());
}

}  // namespace tocsin::test
