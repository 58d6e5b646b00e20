// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "hash/digest_file.hpp"

namespace tocsin {

struct ScannedFile {
  std::string path;
  std::uint64_t size = 0;
  FileDigests digests;
};

struct ScanProgress {
  std::uint64_t files = 0;  // hashed
  std::uint64_t bytes = 0;
  std::uint64_t directories = 0;
  std::uint64_t errors = 0;       // files and folders that could not be read, each reported
  std::uint64_t not_regular = 0;  // links, devices, sockets, pipes inside the tree
  std::uint64_t pseudo = 0;       // folders of kernel file systems (proc, sys, …), not entered
  bool stopped = false;           // by the stop token: the rest was not looked at
};

struct ScanOptions {
  DigestNeeds needs;
  std::uint64_t max_bytes = UINT64_MAX;  // larger files are reported as errors
  bool count_only = false;  // nothing is opened but folders: files and bytes that there are
  std::stop_token stop;
  std::function<void(const ScannedFile&)> on_file;
  std::function<void(const std::string& path, const Error&)> on_error;
  std::function<void(const ScanProgress&)> on_progress;  // after every file and folder
};

// Hashes one file, or every regular file below a folder. The path itself may be a symbolic link;
// links inside the tree are not followed. Other mounted file systems are entered, those of the
// kernel are not. An error means that nothing at all was found at the path.
Result<ScanProgress> scan_tree(const std::string& path, const ScanOptions& options);

// Folders deeper than this are reported as errors.
inline constexpr std::size_t kScanDepthMax = 256;

}  // namespace tocsin
