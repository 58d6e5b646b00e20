// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/nats_result.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace tocsin::fleet {
namespace {

ErrorCode code_of(natsStatus status) {
  switch (status) {
    case NATS_NOT_FOUND:
    case NATS_NO_RESPONDERS:
      return ErrorCode::kNotFound;
    case NATS_NOT_PERMITTED:
    case NATS_CONNECTION_AUTH_FAILED:
      return ErrorCode::kPermission;
    case NATS_INVALID_ARG:
    case NATS_INVALID_SUBJECT:
    case NATS_ADDRESS_MISSING:
      return ErrorCode::kInvalidInput;
    case NATS_MAX_PAYLOAD:
      return ErrorCode::kLimit;
    // The library's own room while it reconnects is used up: of any message, and it passes.
    case NATS_INSUFFICIENT_BUFFER:
      return ErrorCode::kBusy;
    default:
      return ErrorCode::kIo;
  }
}

}  // namespace

std::unexpected<Error> nats_fail(std::string_view doing, natsStatus status) {
  std::string text(natsStatus_GetText(status));
  // Of this thread's last failure, with more detail when it belongs to this one.
  natsStatus last = NATS_OK;
  if (const char* detail = nats_GetLastError(&last); detail != nullptr && last == status)
    text += fmt::format(" ({})", printable(detail, 512));
  return fail(code_of(status), fmt::format("{}: {}", doing, text));
}

Result<void> nats_result(std::string_view doing, natsStatus status) {
  if (status == NATS_OK) return {};
  return nats_fail(doing, status);
}

}  // namespace tocsin::fleet
