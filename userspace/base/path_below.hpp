// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tocsin {

// Where an absolute path of another root is: path_below("/host", "/etc/passwd") is
// "/host/etc/passwd". Dots do not lead out of the root; links may.
inline std::string path_below(std::string_view root, std::string_view path) {
  const std::filesystem::path inside(path);
  return std::filesystem::path(root) / inside.lexically_normal().relative_path();
}

}  // namespace tocsin
