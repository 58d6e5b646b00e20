// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/accounts.hpp"

#include <grp.h>
#include <pwd.h>

#include <array>

namespace tocsin {

std::optional<gid_t> find_group(const std::string& name) {
  group entry{};
  group* found = nullptr;
  std::array<char, 64 * 1024> buffer;  // a group with thousands of members fits
  if (getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
    return std::nullopt;
  return entry.gr_gid;
}

std::optional<uid_t> find_user(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16 * 1024> buffer;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
    return std::nullopt;
  return entry.pw_uid;
}

}  // namespace tocsin
