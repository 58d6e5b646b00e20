// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tocsin::relay {

struct PostRequest {
  std::string url;                   // check_webhook_url() said yes
  std::vector<std::string> headers;  // "Name: value", without line ends
  std::string body;
  std::string ca_file;  // empty: the system's
  std::uint64_t timeout_s = 10;
  const std::atomic<bool>* stop = nullptr;  // set by another thread: broken off
};

struct PostAnswer {
  long status = 0;
  std::optional<std::uint64_t> retry_after_s;  // only as seconds; a date is left out
};

// Blocks. One request; certificate and name verified; redirects are not followed, since they would
// take the alert and the token elsewhere; the answer's body is thrown away. Any status is an
// answer; an error is that none came: kPermission for a certificate that is not trusted, kBusy when
// it was broken off, kLimit for too slow, kIo for the rest. Errors name scheme and host only.
Result<PostAnswer> post(const PostRequest& request);

}  // namespace tocsin::relay
