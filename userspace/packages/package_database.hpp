// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "packages/package_index.hpp"
#include "packages/package_limits.hpp"

namespace tocsin {

// What became of one package database of the host.
struct PackageDatabase {
  PackageManager manager = PackageManager::kDpkg;
  std::filesystem::path path;
  std::uint64_t packages = 0, files = 0;
  std::uint64_t faults = 0;  // places that could not be understood and were left out
  std::string error = {};    // why it could not be read, or not all of it; empty: it was
};

// Names under which directories of the host's root are known beside their own: "/lib" for
// "/usr/lib", "/usr/sbin" for "/usr/bin". Databases may use either; the kernel only tells the true
// one.
class RootAliases {
 public:
  // Looks at the links in the root directory and in its usr.
  static RootAliases of(const std::filesystem::path& root);

  void add(std::string alias, std::string target) {
    aliases_.push_back({std::move(alias), std::move(target)});
  }
  [[nodiscard]] std::string true_path(std::string_view path) const;

 private:
  struct Alias {
    std::string alias, target;
  };
  std::vector<Alias> aliases_;
};

// Adds all that the database below root says. nullopt: there is no such database.
struct PackageSource {
  const std::filesystem::path& root;
  const RootAliases& aliases;
  PackageIndexBuilder& index;
};
std::optional<PackageDatabase> read_dpkg(const PackageSource& source);
std::optional<PackageDatabase> read_apk(const PackageSource& source);
std::optional<PackageDatabase> read_rpm(const PackageSource& source);

// All databases of the host whose root it is. Reads the disk: not for the state thread.
struct PackageReading {
  std::shared_ptr<const PackageIndex> index;
  std::vector<PackageDatabase> databases;
  std::uint64_t left_out = 0;  // files beyond the limits
  // Whether a path without an owner has none: something was read, and nothing is missing.
  [[nodiscard]] bool complete() const;
};
PackageReading read_packages(const std::filesystem::path& root);

// At most limits::kPackageFileBytesMax.
Result<std::string> read_database_file(const std::filesystem::path& path);
// Lines without their end; the last one need not have one.
void for_each_line(std::string_view text, const std::function<void(std::string_view)>& take);

}  // namespace tocsin
