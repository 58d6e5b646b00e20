// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/record.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

namespace tocsin {

Who make_who(std::string json) {
  auto who = std::make_shared<WhoFacts>();
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const std::uint8_t*>(json.data()), json.size(), digest.data());
  std::copy_n(digest.begin(), who->digest.size(), who->digest.begin());
  who->json = std::move(json);
  return who;
}

}  // namespace tocsin
