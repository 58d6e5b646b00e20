// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "signature/ed25519.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstring>
#include <utility>

namespace tocsin {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>;
using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

constexpr std::size_t kPemBytesMax = 16 * 1024;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// No terminal is asked for a passphrase: an encrypted key is refused.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

bool verify_ed25519(const Ed25519Public& key, std::span<const std::uint8_t> message,
                    const Ed25519Signature& signature) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> handle(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
      EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return handle && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

bool verify_ed25519(const Ed25519Public& key, std::string_view message,
                    const Ed25519Signature& signature) {
  return verify_ed25519(key, bytes_of(message), signature);
}

Result<Ed25519Key> Ed25519Key::own(Handle handle) {
  Ed25519Key key(std::move(handle));
  std::size_t size = key.public_key_.size();
  if (!key.handle_ || EVP_PKEY_get_id(key.handle_.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key.handle_.get(), key.public_key_.data(), &size) != 1 ||
      size != key.public_key_.size())
    return fail(ErrorCode::kInvalidInput, "is not a secret key of the kind Ed25519");
  return key;
}

Result<Ed25519Key> Ed25519Key::generate() {
  Handle handle(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  if (!handle) return fail(ErrorCode::kUnsupported, "OpenSSL makes no Ed25519 keys here");
  return own(std::move(handle));
}

Result<Ed25519Key> Ed25519Key::from_pem(std::string_view pem) {
  if (pem.size() > kPemBytesMax)
    return fail(ErrorCode::kInvalidInput, "is too long for a secret key");
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return own({in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr) : nullptr,
              EVP_PKEY_free});
}

Result<std::string> Ed25519Key::to_pem() const {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  char* text = nullptr;
  if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), handle_.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1)
    return fail(ErrorCode::kInternal, "OpenSSL did not write the key");
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Result<Ed25519Signature> Ed25519Key::sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Ed25519Signature signature{};
  std::size_t size = signature.size();
  const auto bytes = bytes_of(message);
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()) != 1 ||
      size != signature.size())
    return fail(ErrorCode::kInternal, "OpenSSL did not sign");
  return signature;
}

}  // namespace tocsin
