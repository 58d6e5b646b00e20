// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "base/byte_reader.hpp"
#include "base/digest.hpp"

namespace tocsin {

// Of bytes in memory; all zero when OpenSSL offers no SHA-256, which keeps no program from running.
Sha256 sha256_of(ByteSpan bytes);
Sha256 sha256_of(std::string_view text);

}  // namespace tocsin
