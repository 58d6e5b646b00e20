// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/result.hpp"
#include "packages/package_index.hpp"

// A package's header as it stands in the rpm database: a table of tags and the store they point
// into (rpm's docs/manual/format_header.md). Bytes are in network order.
namespace tocsin::rpm {

struct File {
  std::string path;
  std::vector<std::uint8_t> digest;  // of the kind the header says; empty: not recorded
};

struct Header {
  std::string name, version;  // [epoch:]version-release
  RecordKind digest = RecordKind::kNone;
  std::vector<File> files;   // regular files and links that were installed
  std::uint64_t faults = 0;  // files whose folder or digest makes no sense
};

// An error says what does not fit. Allocates in the order of the blob's own size.
Result<Header> read_header(ByteSpan blob);

}  // namespace tocsin::rpm
