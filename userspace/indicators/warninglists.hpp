// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "indicators/ip_network.hpp"
#include "indicators/warninglist.hpp"

namespace tocsin {

// Where guard lists are looked for beside the built-in ones: shipped, updated, the site's own.
// Folders that do not exist are no fault.
std::vector<std::filesystem::path> guard_folders(const std::filesystem::path& state_dir);

// All guard lists of this host, compiled. Immutable after loading; any thread may ask.
class Warninglists {
 public:
  struct Fault {
    std::filesystem::path file;
    std::string reason;
  };
  struct Info {
    std::string name, category;
    std::uint64_t version = 0;
    ListEffect effect = ListEffect::kAnnotate;
    WarninglistType type = WarninglistType::kString;
    std::size_t entries = 0;
    std::uint64_t skipped = 0;
    std::filesystem::path file;
  };
  struct Hit {
    const Info* list = nullptr;  // lives as long as the lists
    bool host = false;           // a URL was asked for, and its host is what stands on the list
  };

  Warninglists();
  ~Warninglists();
  Warninglists(Warninglists&&) noexcept;
  Warninglists& operator=(Warninglists&&) noexcept;

  // Reads *.json and */list.json (the layout of MISP's repository) of the folders. Of one name the
  // highest version counts, and of equal ones the last. A broken list is a fault, the rest loads.
  static Warninglists load(std::span<const std::filesystem::path> folders);
  // The shipped lists, which are part of the program, and those of guard_folders().
  static Warninglists of_host(const std::filesystem::path& state_dir);
  // kLimit when its patterns do not compile within kGuardPatternBytesMax.
  Result<void> add(Warninglist list, const std::filesystem::path& file = {});

  // Lists that hold the value, which is canonical (normalise.hpp), strictest effect first. Of a URL
  // its host is looked for, too; of a block any listed address inside it. A miss costs a hash of
  // each suffix, a binary search for each list of blocks, and one pass for each list of patterns.
  [[nodiscard]] std::vector<Hit> hits(IndicatorType type, std::string_view value) const;

  // Single addresses and blocks of the lists of addresses that are at least so strict, up to most;
  // the order means nothing.
  [[nodiscard]] std::vector<IpNetwork> networks(ListEffect least, std::size_t most) const;

  [[nodiscard]] std::vector<Info> lists() const;
  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

 private:
  class Loader;
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
  std::vector<Fault> faults_;
};

// On a list whose name says "sinkhole": the address answers for names that were taken from their
// owners.
bool is_sinkhole(const Warninglists& lists, const IpAddress& address);

}  // namespace tocsin
