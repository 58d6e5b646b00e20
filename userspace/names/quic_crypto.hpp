// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/result.hpp"

namespace tocsin {

// Protection of a client's Initial packets. It keeps nothing secret: the keys follow from the
// connection id that the client's first packet shows (RFC 9001 section 5.2, RFC 9369 section 3.3).
struct QuicKeys {
  std::array<std::uint8_t, 16> key{};
  std::array<std::uint8_t, 12> iv{};
  std::array<std::uint8_t, 16> header{};
};

// Reuses its contexts: one thread. Every method fails when the cryptographic library does.
class QuicCrypto {
 public:
  static Result<QuicCrypto> create();

  // first_id: destination id of the connection's first Initial, 8 to 20 bytes.
  std::optional<QuicKeys> client_keys(std::uint32_t version, ByteSpan first_id);
  // Payload of a packet as take_quic_packet() gives it; absent when it was not made with these
  // keys. The packet number is taken as sent: an Initial's does not outgrow its field.
  std::optional<std::vector<std::byte>> open(const QuicKeys& keys, ByteSpan packet,
                                             std::size_t number_offset);

 private:
  struct Free {
    void operator()(EVP_KDF_CTX* p) const { EVP_KDF_CTX_free(p); }
    void operator()(EVP_CIPHER* p) const { EVP_CIPHER_free(p); }
    void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  };
  QuicCrypto() = default;
  bool derive(int mode, std::span<const std::uint8_t> key, std::span<const std::uint8_t> extra,
              std::span<std::uint8_t> out);
  bool expand(std::span<const std::uint8_t> secret, std::string_view label,
              std::span<std::uint8_t> out);
  bool header_mask(const QuicKeys& keys, ByteSpan sample, std::array<std::uint8_t, 16>& mask);

  std::unique_ptr<EVP_KDF_CTX, Free> hkdf_;
  std::unique_ptr<EVP_CIPHER, Free> ecb_, gcm_;
  std::unique_ptr<EVP_CIPHER_CTX, Free> ecb_context_, gcm_context_;
};

}  // namespace tocsin
