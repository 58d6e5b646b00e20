// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "packages/package_index.hpp"

// The file "installed" of apk-tools 2: one-letter fields, a blank line between packages.
namespace tocsin::apk {

struct Package {
  std::string_view name, version;
  RecordKind digest = RecordKind::kNone;  // of its files; kNone also when they disagree
};
struct File {
  std::string path;                  // absolute
  std::vector<std::uint8_t> digest;  // of the kind the package says; empty: not recorded
};
struct Callbacks {
  std::function<void(const Package&)> package;  // before its files
  std::function<void(const File&)> file;
};

// Returns how many packages had no name and how many digests could not be read.
std::uint64_t read_installed(std::string_view text, const Callbacks& callbacks);

}  // namespace tocsin::apk
