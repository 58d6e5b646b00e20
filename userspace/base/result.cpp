// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/result.hpp"

#include <cerrno>
#include <system_error>

namespace tocsin {
namespace {

ErrorCode code_of(int errno_value) {
  switch (errno_value) {
    case ENOENT:
    case ESRCH:
    case ENOTDIR:
      return ErrorCode::kNotFound;
    case EPERM:
    case EACCES:
    case EROFS:
      return ErrorCode::kPermission;
    case ENOSYS:
    case EOPNOTSUPP:
      return ErrorCode::kUnsupported;
    case EINVAL:
      return ErrorCode::kInvalidInput;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case E2BIG:
      return ErrorCode::kLimit;
    case EBUSY:
    case EAGAIN:
    case EADDRINUSE:
      return ErrorCode::kBusy;
    default:
      return ErrorCode::kIo;
  }
}

}  // namespace

std::unexpected<Error> fail_errno(std::string_view doing, int errno_value) {
  std::string message(doing);
  message += ": ";
  message += std::error_code(errno_value, std::generic_category()).message();
  return fail(code_of(errno_value), std::move(message));
}

}  // namespace tocsin
