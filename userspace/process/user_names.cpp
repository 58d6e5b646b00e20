// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/user_names.hpp"

#include <pwd.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <utility>

namespace tocsin {
namespace {

constexpr std::size_t kAccountsMax = 100'000;

}  // namespace

UserNames::UserNames(std::string passwd_path) : path_(std::move(passwd_path)) {
  if (path_.empty()) names_.try_emplace(0, "root");
}

const std::string& UserNames::name_of(std::uint32_t uid, std::uint64_t now_s) {
  static const std::string kUnknown;
  if (now_s != checked_s_) refresh(now_s);
  const auto it = names_.find(uid);
  return it == names_.end() ? kUnknown : it->second;
}

void UserNames::refresh(std::uint64_t now_s) {
  checked_s_ = now_s;
  if (path_.empty()) return;
  struct stat st {};
  if (stat(path_.c_str(), &st) != 0) return;
  const std::int64_t mtime_ns = st.st_mtim.tv_sec * 1'000'000'000 + st.st_mtim.tv_nsec;
  if (mtime_ns == mtime_ns_) return;
  mtime_ns_ = mtime_ns;
  names_.clear();
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path_.c_str(), "re"), std::fclose);
  if (file == nullptr) return;
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  while (names_.size() < kAccountsMax &&
         fgetpwent_r(file.get(), &entry, buffer, sizeof buffer, &found) == 0)
    names_.try_emplace(entry.pw_uid, entry.pw_name);
}

}  // namespace tocsin
