// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin {

// What a caller can do about a failure; the sentence is for people.
enum class ErrorCode {
  kInvalidInput,  // the bytes or the text given are wrong
  kNotFound,      // a file, a process, a name that is not there
  kPermission,    // the kernel or the file system refused
  kUnsupported,   // this kernel or this build cannot do it
  kLimit,         // a named limit was reached
  kIo,            // reading, writing, connecting failed
  kBusy,          // somebody else holds it (second daemon, full queue)
  kInternal,      // our own mistake
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  // Adds what was being done while the error passes up: "loading /etc/x: line 3: …".
  [[nodiscard]] Error with_context(std::string_view doing) && {
    message.insert(0, ": ").insert(0, doing);
    return std::move(*this);
  }
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

// "doing: strerror" with the code that fits errno_value.
std::unexpected<Error> fail_errno(std::string_view doing, int errno_value);

}  // namespace tocsin

// TOCSIN_TRY(auto value, expression_of_Result): value on success, returns the error otherwise.
#define TOCSIN_TRY_CONCAT_INNER(a, b) a##b
#define TOCSIN_TRY_CONCAT(a, b) TOCSIN_TRY_CONCAT_INNER(a, b)
#define TOCSIN_TRY_IMPL(tmp, decl, expr)                    \
  auto tmp = (expr);                                        \
  if (!tmp) return std::unexpected(std::move(tmp).error()); \
  decl = std::move(*tmp)
#define TOCSIN_TRY(decl, expr) TOCSIN_TRY_IMPL(TOCSIN_TRY_CONCAT(try_, __LINE__), decl, expr)
// For Result<void>.
#define TOCSIN_TRY_VOID(expr)                                                       \
  do {                                                                              \
    auto tocsin_try_tmp = (expr);                                                   \
    if (!tocsin_try_tmp) return std::unexpected(std::move(tocsin_try_tmp).error()); \
  } while (false)
