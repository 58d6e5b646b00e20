// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace tocsin {

inline constexpr const char* kAccounts = "/etc/passwd";

// uid -> name of the host's local accounts (passwd_path). A name service behind the network could
// block the state thread, so it is not asked: such users are shown by number. State thread only;
// re-read when the file changes, at most once a second.
// An empty path: the events are another host's, whose accounts are not known but for root's.
class UserNames {
 public:
  explicit UserNames(std::string passwd_path = kAccounts);
  // Empty when unknown. now_s: any monotonic seconds.
  const std::string& name_of(std::uint32_t uid, std::uint64_t now_s);

 private:
  void refresh(std::uint64_t now_s);

  std::string path_;
  std::int64_t mtime_ns_ = -1;
  std::uint64_t checked_s_ = UINT64_MAX;
  std::unordered_map<std::uint32_t, std::string> names_;
};

}  // namespace tocsin
