// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

// Signatures in the format of minisign (jedisct1.github.io/minisign, "Signature format"): Ed25519
// over the file, or over its BLAKE2b-512 digest, and a second signature over the first and the
// trusted comment. Verified with OpenSSL.
namespace tocsin::relay {

using KeyId = std::array<std::uint8_t, 8>;

struct MinisignKey {
  KeyId id{};
  std::array<std::uint8_t, 32> ed25519{};
  // The text of the key file's second line ("RWQ…"), or the whole key file.
  static Result<MinisignKey> parse(std::string_view text);
  [[nodiscard]] std::string id_text() const;  // as minisign shows it
};

struct MinisignSignature {
  KeyId key{};
  bool prehashed = false;  // over the BLAKE2b-512 digest: what minisign makes since 0.8
  std::array<std::uint8_t, 64> signature{};
  std::array<std::uint8_t, 64> global{};  // over signature and trusted comment
  std::string trusted_comment;
  // The content of a .minisig file.
  static Result<MinisignSignature> parse(std::string_view text);
  // The number after "sequence:" in the trusted comment.
  [[nodiscard]] std::optional<std::uint64_t> sequence() const;
};

// kPermission when the signature is by another key or does not fit content or comment: only after
// this may the trusted comment be trusted.
Result<void> verify(std::string_view content, const MinisignSignature& signature,
                    const MinisignKey& key);

}  // namespace tocsin::relay
