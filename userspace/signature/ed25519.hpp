// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct evp_pkey_st;

// Ed25519 (RFC 8032) by OpenSSL.
namespace tocsin {

using Ed25519Public = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

// False, too, when the bytes of the key are no key.
bool verify_ed25519(const Ed25519Public& key, std::span<const std::uint8_t> message,
                    const Ed25519Signature& signature);
bool verify_ed25519(const Ed25519Public& key, std::string_view message,
                    const Ed25519Signature& signature);

// A secret key in memory; moved, never copied. Any thread, one at a time.
class Ed25519Key {
 public:
  static Result<Ed25519Key> generate();
  // PKCS #8 in PEM without a passphrase, as to_pem() and `openssl genpkey` make it.
  static Result<Ed25519Key> from_pem(std::string_view pem);

  [[nodiscard]] Result<std::string> to_pem() const;
  [[nodiscard]] const Ed25519Public& public_key() const { return public_key_; }
  [[nodiscard]] Result<Ed25519Signature> sign(std::string_view message) const;

 private:
  using Handle = std::unique_ptr<evp_pkey_st, void (*)(evp_pkey_st*)>;
  explicit Ed25519Key(Handle handle) : handle_(std::move(handle)) {}
  static Result<Ed25519Key> own(Handle handle);

  Handle handle_;
  Ed25519Public public_key_{};
};

}  // namespace tocsin
