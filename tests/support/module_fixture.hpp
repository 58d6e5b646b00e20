// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

#include "alert/alert.hpp"

namespace tocsin::test {

inline HashResult sample_hash(std::uint8_t byte, HashRung rung) {
  FileDigests digests;
  digests.sha256.bytes.fill(byte);
  HashResult hash;
  hash.digests = digests;
  hash.rung = rung;
  return hash;
}

inline PackageFacts sample_package() {
  return {true, "voip-app", "18.12.416", "dpkg", false};
}

inline ModuleFacts sample_module(const std::string& path) {
  ModuleFacts module;
  module.path = path;
  module.hash = sample_hash(0xcd, HashRung::kRootPath);
  module.package = sample_package();
  module.own = true;
  return module;
}

}  // namespace tocsin::test
