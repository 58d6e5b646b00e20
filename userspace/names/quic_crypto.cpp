// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/quic_crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "names/quic_packet.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kFirstIdBytesMin = 8;  // RFC 9000 section 7.2
constexpr std::size_t kNumberBytesMax = 4;
constexpr std::size_t kSampleBytes = 16;
constexpr std::size_t kTagBytes = 16;

struct VersionFacts {
  std::array<std::uint8_t, 20> salt;
  std::string_view key, iv, header;  // labels
};
constexpr VersionFacts kV1 = {{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                               0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
                              "quic key",
                              "quic iv",
                              "quic hp"};
constexpr VersionFacts kV2 = {{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                               0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
                              "quicv2 key",
                              "quicv2 iv",
                              "quicv2 hp"};

const unsigned char* raw(ByteSpan bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

OSSL_PARAM octets(const char* name, std::span<const std::uint8_t> bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                           bytes.size());
}

}  // namespace

Result<QuicCrypto> QuicCrypto::create() {
  QuicCrypto out;
  const std::unique_ptr<EVP_KDF, void (*)(EVP_KDF*)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr),
                                                         EVP_KDF_free);
  if (kdf) out.hkdf_.reset(EVP_KDF_CTX_new(kdf.get()));
  out.ecb_.reset(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr));
  out.gcm_.reset(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
  out.ecb_context_.reset(EVP_CIPHER_CTX_new());
  out.gcm_context_.reset(EVP_CIPHER_CTX_new());
  if (!out.hkdf_ || !out.ecb_ || !out.gcm_ || !out.ecb_context_ || !out.gcm_context_)
    return fail(ErrorCode::kUnsupported, "libcrypto lacks HKDF, AES-128-ECB or AES-128-GCM");
  return out;
}

// extra: the salt of an extract, the info of an expand.
bool QuicCrypto::derive(int mode, std::span<const std::uint8_t> key,
                        std::span<const std::uint8_t> extra, std::span<std::uint8_t> out) {
  char digest[] = "SHA256";
  const bool extract = mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
  const std::array<OSSL_PARAM, 5> params = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      octets(OSSL_KDF_PARAM_KEY, key),
      octets(extract ? OSSL_KDF_PARAM_SALT : OSSL_KDF_PARAM_INFO, extra), OSSL_PARAM_END};
  EVP_KDF_CTX_reset(hkdf_.get());
  return EVP_KDF_derive(hkdf_.get(), out.data(), out.size(), params.data()) == 1;
}

// HKDF-Expand-Label of RFC 8446 section 7.1 with an empty context.
bool QuicCrypto::expand(std::span<const std::uint8_t> secret, std::string_view label,
                        std::span<std::uint8_t> out) {
  const std::string full = "tls13 " + std::string(label);
  std::vector<std::uint8_t> info = {0, static_cast<std::uint8_t>(out.size()),
                                    static_cast<std::uint8_t>(full.size())};
  info.insert(info.end(), full.begin(), full.end());
  info.push_back(0);
  return derive(EVP_KDF_HKDF_MODE_EXPAND_ONLY, secret, info, out);
}

std::optional<QuicKeys> QuicCrypto::client_keys(std::uint32_t version, ByteSpan first_id) {
  if (first_id.size() < kFirstIdBytesMin || first_id.size() > kQuicIdBytesMax) return std::nullopt;
  const auto& facts = version == kQuicV2 ? kV2 : kV1;
  std::array<std::uint8_t, 32> initial{};
  std::array<std::uint8_t, 32> client{};
  QuicKeys keys;
  const bool done = derive(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, {raw(first_id), first_id.size()},
                           facts.salt, initial) &&
                    expand(initial, "client in", client) && expand(client, facts.key, keys.key) &&
                    expand(client, facts.iv, keys.iv) && expand(client, facts.header, keys.header);
  return done ? std::optional(keys) : std::nullopt;
}

bool QuicCrypto::header_mask(const QuicKeys& keys, ByteSpan sample,
                             std::array<std::uint8_t, 16>& mask) {
  int size = 0;
  auto* context = ecb_context_.get();
  return EVP_EncryptInit_ex2(context, ecb_.get(), keys.header.data(), nullptr, nullptr) == 1 &&
         EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
         EVP_EncryptUpdate(context, mask.data(), &size, raw(sample), kSampleBytes) == 1 &&
         size == static_cast<int>(kSampleBytes);
}

std::optional<std::vector<std::byte>> QuicCrypto::open(const QuicKeys& keys, ByteSpan packet,
                                                       std::size_t number_offset) {
  if (number_offset > packet.size() ||
      packet.size() - number_offset < kNumberBytesMax + kSampleBytes)
    return std::nullopt;
  std::array<std::uint8_t, 16> mask{};
  if (!header_mask(keys, packet.subspan(number_offset + kNumberBytesMax, kSampleBytes), mask))
    return std::nullopt;
  std::vector<std::uint8_t> header(raw(packet), raw(packet) + number_offset + kNumberBytesMax);
  header[0] = static_cast<std::uint8_t>(header[0] ^ (mask[0] & 0x0f));
  const std::size_t number_bytes = (header[0] & 3u) + 1;
  header.resize(number_offset + number_bytes);
  auto nonce = keys.iv;
  for (std::size_t i = 0; i < number_bytes; ++i) {
    header[number_offset + i] ^= mask[1 + i];
    nonce[nonce.size() - number_bytes + i] ^= header[number_offset + i];
  }
  const auto sealed = packet.subspan(header.size());
  const auto text = sealed.first(sealed.size() - kTagBytes);
  const auto tag = sealed.last(kTagBytes);
  std::vector<std::byte> out(text.size());
  auto* plain = reinterpret_cast<unsigned char*>(out.data());
  auto* context = gcm_context_.get();
  int size = 0;
  const bool done =
      EVP_DecryptInit_ex2(context, gcm_.get(), keys.key.data(), nonce.data(), nullptr) == 1 &&
      EVP_DecryptUpdate(context, nullptr, &size, header.data(), static_cast<int>(header.size())) ==
          1 &&
      EVP_DecryptUpdate(context, plain, &size, raw(text), static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                          const_cast<unsigned char*>(raw(tag))) == 1 &&
      EVP_DecryptFinal_ex(context, plain + size, &size) == 1;
  return done ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace tocsin
