// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace tocsin::test {

// A package built by dpkg-deb and really installed on this machine by dpkg, all of whose files lie
// in folders of its own name; purged when destroyed. Failures throw.
class DebianPackage {
 public:
  struct File {
    std::string path;  // on the machine, absolute
    std::string content;
    unsigned mode = 0755;
  };
  // What the machine lacks for it; empty: nothing.
  static std::string lacks();

  explicit DebianPackage(std::string name);
  ~DebianPackage();
  DebianPackage(const DebianPackage&) = delete;
  DebianPackage& operator=(const DebianPackage&) = delete;

  // Installs, or updates to, this version with these files and no others. postinst: a maintainer
  // script to run, may be empty.
  void install(const std::string& version, const std::vector<File>& files,
               const std::string& postinst = {});

 private:
  std::string name_;
};

}  // namespace tocsin::test
