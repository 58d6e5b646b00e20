// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/sha256_of.hpp"

#include <openssl/evp.h>

namespace tocsin {

Sha256 sha256_of(ByteSpan bytes) {
  Sha256 out;
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.bytes.data(), &size, EVP_sha256(), nullptr) != 1)
    return {};
  return out;
}

Sha256 sha256_of(std::string_view text) {
  return sha256_of(std::as_bytes(std::span(text)));
}

}  // namespace tocsin
