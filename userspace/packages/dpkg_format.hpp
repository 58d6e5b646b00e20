// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/digest.hpp"

// The files below /var/lib/dpkg, as dpkg 1.21 documents and writes them. All take hostile text.
namespace tocsin::dpkg {

struct Conffile {
  std::string_view path;
  Md5 md5;
};

// One paragraph of "status"; the views point into the text.
struct Package {
  std::string_view name, architecture, version;
  bool has_files = false;  // not merely known, or removed but for its configuration
  std::vector<Conffile> conffiles;
};

// Calls take for each paragraph that names a package; returns how many did not.
std::uint64_t read_status(std::string_view text, const std::function<void(const Package&)>& take);

// "PACKAGE.md5sums": digest and path without its first slash. A line that says neither is a fault.
using Md5Sums = std::unordered_map<std::string_view, Md5>;
std::uint64_t read_md5sums(std::string_view text, Md5Sums& sums);

// "PACKAGE.list": every path the package brought. Directories are left out, but for empty ones.
void read_list(std::string_view text, const std::function<void(std::string_view path)>& take);

// "diversions": a file that other packages install somewhere else.
struct Diversion {
  std::string to;
  std::string by;  // the package whose own file keeps the name; ":" for a local diversion
};
using Diversions = std::unordered_map<std::string, Diversion>;
Diversions read_diversions(std::string_view text);

}  // namespace tocsin::dpkg
