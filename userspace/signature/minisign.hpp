// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "signature/ed25519.hpp"

// Signatures in the format of minisign (jedisct1.github.io/minisign, "Signature format"): Ed25519
// over the file, or over its BLAKE2b-512 digest, and a second signature over the first and the
// trusted comment. Verified with OpenSSL.
namespace tocsin {

using KeyId = std::array<std::uint8_t, 8>;

struct MinisignKey {
  KeyId id{};
  Ed25519Public ed25519{};
  // The text of the key file's second line ("RWQ…"), or the whole key file.
  static Result<MinisignKey> parse(std::string_view text);
  [[nodiscard]] std::string id_text() const;  // as minisign shows it
};

struct MinisignSignature {
  KeyId key{};
  bool prehashed = false;  // over the BLAKE2b-512 digest: what minisign makes since 0.8
  Ed25519Signature signature{};
  Ed25519Signature global{};  // over signature and trusted comment
  std::string trusted_comment;
  // The content of a .minisig file.
  static Result<MinisignSignature> parse(std::string_view text);
  // What stands after "LABEL:" in the trusted comment, up to the next blank, comma or semicolon; of
  // several the first.
  [[nodiscard]] std::optional<std::string_view> word(std::string_view label) const;
  // The number after "sequence:".
  [[nodiscard]] std::optional<std::uint64_t> sequence() const;
};

// Before the content is there: kPermission when the comment was not signed by this key.
Result<void> verify_comment(const MinisignSignature& signature, const MinisignKey& key);

// kPermission when the signature is by another key or does not fit content or comment: only after
// this may content and trusted comment be trusted.
Result<void> verify(std::string_view content, const MinisignSignature& signature,
                    const MinisignKey& key);

}  // namespace tocsin
