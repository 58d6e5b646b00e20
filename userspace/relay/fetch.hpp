// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace tocsin::relay {

struct FetchRequest {
  std::string url;
  std::string shown;                // how errors call the address, which may hold a secret
  std::string bearer;               // a token for this host, not for one that it redirects to
  std::string ca_file;              // empty: the system's
  std::string etag, last_modified;  // of what is there already; empty: fetch in any case
  std::size_t bytes_max = 0;
  long timeout_s = 600;  // for the whole of it
  long stalled_s = 30;   // this long slower than kLeastBytesPerS: broken off
  long connect_s = 15;
  const std::atomic<bool>* stop = nullptr;  // set by another thread: broken off
};
inline constexpr long kLeastBytesPerS = 100;
inline constexpr long kRedirectsMax = 3;  // all of them to https

struct Fetched {
  bool not_modified = false;  // what is there already is still current; no body
  std::string body;
  std::string etag, last_modified;
};

// Blocks. HTTPS only, certificate and name verified, nothing decompressed. Errors tell neither the
// address nor the token.
// kPermission for a certificate that is not trusted or a redirect to another scheme, kLimit for a
// body that is too long or too slow, kNotFound for 404 and 410, kIo for the rest.
Result<Fetched> fetch(const FetchRequest& request);

}  // namespace tocsin::relay
