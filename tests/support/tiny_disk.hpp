// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <string>

namespace tocsin::test {

// A file system of a few KiB, unmounted at the end.
class TinyDisk {
 public:
  TinyDisk(const std::string& path, int kib) : path_(path) {
    std::filesystem::create_directory(path);
    const auto options = "size=" + std::to_string(kib) + "k";
    mounted_ = ::mount("none", path.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;
  ~TinyDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace tocsin::test
