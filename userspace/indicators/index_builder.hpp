// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "indicators/index_format.hpp"
#include "indicators/index_hash.hpp"
#include "indicators/indicator_row.hpp"

namespace tocsin {

// Collects rows and writes the image that IndexImage reads. Rows of one file are added together,
// file after file. Same rows, same key: same image, byte for byte.
class IndexBuilder {
 public:
  // key: of the text tables; random unless given. A fixed one is for tests and comparisons only,
  // whoever knows it can choose names that collide.
  explicit IndexBuilder(std::optional<NameHashKey> key = std::nullopt);
  ~IndexBuilder();
  IndexBuilder(IndexBuilder&&) noexcept;
  IndexBuilder& operator=(IndexBuilder&&) noexcept;

  // name: what Indicator::place shows.
  std::uint32_t add_file(std::string_view name);
  void set_file_bytes(std::uint32_t file, std::uint64_t bytes);
  // Fails at a limit; what was added before stays.
  Result<void> add(std::uint32_t file, const SetMeta& meta, const IndicatorRow& row);

  struct Built {
    std::vector<std::byte> image;
    std::vector<std::uint64_t> duplicates;  // per file: rows that repeat one of the same file
  };
  // Spends the builder.
  Result<Built> build();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Writes beside path and renames over it, so that readers see the old file or the new one.
Result<void> write_index_file(const std::filesystem::path& path, std::span<const std::byte> image);

}  // namespace tocsin
