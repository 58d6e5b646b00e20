// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/uuid.hpp"

#include <openssl/evp.h>

#include <span>
#include <stdexcept>

#include "base/text.hpp"

namespace tocsin {

std::string uuid_v5(const UuidBytes& name_space, std::string_view name) {
  std::string input(name_space.begin(), name_space.end());
  input += name;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned bytes = 0;
  if (EVP_Digest(input.data(), input.size(), digest.data(), &bytes, EVP_sha1(), nullptr) != 1)
    throw std::runtime_error("SHA-1 is not available");
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3f) | 0x80);
  auto text = to_hex(std::span(digest).first(16));
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace tocsin
