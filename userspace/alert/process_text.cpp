// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/process_text.hpp"

#include "base/path_name.hpp"

namespace tocsin {

std::string_view process_name(const ProcessFacts& process) {
  const std::string_view name = base_name(process.path);
  return name.empty() ? std::string_view(process.comm) : name;
}

std::string command_line(const ProcessFacts& process) {
  std::string out;
  for (const auto& arg : process.argv) {
    if (!out.empty()) out += ' ';
    out += arg;
  }
  return out;
}

}  // namespace tocsin
