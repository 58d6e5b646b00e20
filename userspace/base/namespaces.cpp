// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/namespaces.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <string>

namespace tocsin {
namespace {

std::uint32_t inode_of(const std::string& link) {
  struct stat st {};
  return stat(link.c_str(), &st) == 0 ? static_cast<std::uint32_t>(st.st_ino) : 0;
}

}  // namespace

std::uint32_t own_namespace(const char* kind) {
  return inode_of(fmt::format("/proc/self/ns/{}", kind));
}

std::uint32_t namespace_of(std::uint32_t pid, const char* kind) {
  return inode_of(fmt::format("/proc/{}/ns/{}", pid, kind));
}

}  // namespace tocsin
