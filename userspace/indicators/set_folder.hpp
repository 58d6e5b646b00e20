// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "indicators/guard.hpp"
#include "indicators/set_file.hpp"

namespace tocsin {

// What an import did.
struct ImportOutcome {
  std::string set;
  bool replaced = false;  // a set of that name was there
  std::array<std::uint64_t, kIndicatorTypes> accepted{};
  std::uint64_t review = 0, refused = 0;
  // Values that match now and did not, that no longer do, and that did before.
  std::uint64_t added = 0, removed = 0, kept = 0;
  std::vector<Refusal> refusals;  // the first kIndicatorRefusalsShownMax
  [[nodiscard]] std::uint64_t total() const;
};

// The folder that the daemon itself writes sets to, each as NAME.ioc in the native format, and the
// version before it in .previous/NAME.ioc. A set is replaced in one step; whoever reads the folder
// sees the old one or the new. Every call blocks for as long as disk and parser need.
class SetFolder {
 public:
  struct Rules {
    bool may_shrink = true;  // false: refuse less than half of what was there
  };

  explicit SetFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // bytes: a whole set in the native format that names itself as name, or not at all. kInvalidInput
  // when no row could be taken or for a bad name, kLimit when it would shrink too much.
  Result<ImportOutcome> import(std::string_view name, std::string_view bytes, const Guard& guard,
                               Rules rules) const;
  // kNotFound when there is no such set. It becomes the version before.
  Result<void> remove(std::string_view name) const;
  // Swaps the set with the version before it; doing it again takes it back.
  Result<ImportOutcome> roll_back(std::string_view name, const Guard& guard) const;

  [[nodiscard]] std::filesystem::path path_of(std::string_view name) const;
  [[nodiscard]] std::filesystem::path previous_of(std::string_view name) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  [[nodiscard]] Result<void> make_folders() const;
  [[nodiscard]] Result<void> keep_previous(std::string_view name) const;
  std::filesystem::path folder_;
};

}  // namespace tocsin
