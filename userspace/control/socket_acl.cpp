// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/socket_acl.hpp"

#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>
#include <sys/xattr.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

namespace tocsin::control {
namespace {

using Entry = posix_acl_xattr_entry;

constexpr __le16 kUse = ACL_READ | ACL_WRITE;
constexpr auto kNobody = static_cast<__le32>(ACL_UNDEFINED_ID);
static_assert(std::endian::native == std::endian::little);
static_assert(sizeof(posix_acl_xattr_header) == 4 && sizeof(Entry) == 8);

}  // namespace

// As the kernel takes it: a version, then entries in the order of their tags. acl(5)
Result<void> let_users_in(const std::string& path, std::span<const uid_t> users) {
  std::vector<Entry> entries = {{ACL_USER_OBJ, kUse, kNobody}};
  for (const uid_t user : users) entries.push_back({ACL_USER, kUse, user});
  entries.push_back({ACL_GROUP_OBJ, kUse, kNobody});
  entries.push_back({ACL_MASK, kUse, kNobody});
  entries.push_back({ACL_OTHER, 0, kNobody});
  const posix_acl_xattr_header head{POSIX_ACL_XATTR_VERSION};
  std::vector<std::byte> list(sizeof head + entries.size() * sizeof(Entry));
  std::memcpy(list.data(), &head, sizeof head);
  std::memcpy(list.data() + sizeof head, entries.data(), entries.size() * sizeof(Entry));
  if (lsetxattr(path.c_str(), XATTR_NAME_POSIX_ACL_ACCESS, list.data(), list.size(), 0) != 0)
    return fail_errno("letting more users use " + path, errno);
  return {};
}

}  // namespace tocsin::control
