// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/socket_acl.hpp"

#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>
#include <sys/xattr.h>

#include <array>
#include <bit>
#include <cerrno>

namespace tocsin::control {
namespace {

// As the kernel takes it: little-endian, entries in the order of their tags. acl(5)
struct AccessList {
  posix_acl_xattr_header head;
  std::array<posix_acl_xattr_entry, 5> entries;
};
static_assert(sizeof(AccessList) == 4 + 5 * 8);
static_assert(std::endian::native == std::endian::little);

}  // namespace

Result<void> let_user_in(const std::string& path, uid_t user) {
  constexpr __le16 kUse = ACL_READ | ACL_WRITE;
  constexpr auto kNobody = static_cast<__le32>(ACL_UNDEFINED_ID);
  const AccessList list{.head = {POSIX_ACL_XATTR_VERSION},
                        .entries = {{{ACL_USER_OBJ, kUse, kNobody},
                                     {ACL_USER, kUse, user},
                                     {ACL_GROUP_OBJ, kUse, kNobody},
                                     {ACL_MASK, kUse, kNobody},
                                     {ACL_OTHER, 0, kNobody}}}};
  if (lsetxattr(path.c_str(), XATTR_NAME_POSIX_ACL_ACCESS, &list, sizeof list, 0) != 0)
    return fail_errno("letting one more user use " + path, errno);
  return {};
}

}  // namespace tocsin::control
