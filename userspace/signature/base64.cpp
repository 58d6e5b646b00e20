// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "signature/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <vector>

namespace tocsin {

std::string to_base64(std::span<const std::uint8_t> bytes) {
  const std::size_t size = (bytes.size() + 2) / 3 * 4;
  std::vector<unsigned char> text(size + 1);  // with the NUL that OpenSSL adds
  EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size)};
}

bool from_base64(std::string_view text, std::span<std::uint8_t> out) {
  const std::size_t groups = (out.size() + 2) / 3;
  if (text.size() != groups * 4) return false;
  std::vector<std::uint8_t> bytes(groups * 3);
  const int got = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                  static_cast<int>(text.size()));
  if (got != static_cast<int>(bytes.size())) return false;
  std::copy_n(bytes.begin(), out.size(), out.begin());
  // The decoder takes blanks, misplaced padding and loose last bits; encoding again tells.
  return to_base64(out) == text;
}

}  // namespace tocsin
