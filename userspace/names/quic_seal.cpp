// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/quic_seal.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>

namespace tocsin {
namespace {

constexpr std::size_t kSealTagBytes = 16;
constexpr std::size_t kNumberBytes = 4;

using Context = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

unsigned char* raw(ByteVector& bytes, std::size_t at) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + at;
}

// Encrypts what stands behind the header in place and appends the tag.
bool seal(const QuicKeys& keys, std::uint32_t number, std::size_t header_size, ByteVector& packet) {
  auto nonce = keys.iv;
  for (std::size_t i = 0; i < kNumberBytes; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const int text_size = static_cast<int>(packet.size() - header_size);
  packet.resize(packet.size() + kSealTagBytes);
  unsigned char* text = raw(packet, header_size);
  int size = 0;
  return EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, keys.key.data(),
                            nonce.data()) == 1 &&
         EVP_EncryptUpdate(context.get(), nullptr, &size, raw(packet, 0),
                           static_cast<int>(header_size)) == 1 &&
         EVP_EncryptUpdate(context.get(), text, &size, text, text_size) == 1 &&
         EVP_EncryptFinal_ex(context.get(), text + text_size, &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kSealTagBytes,
                             text + text_size) == 1;
}

bool protect_header(const QuicKeys& keys, std::size_t number_offset, ByteVector& packet) {
  std::array<unsigned char, 32> mask{};
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  if (EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, keys.header.data(), nullptr) !=
          1 ||
      EVP_EncryptUpdate(context.get(), mask.data(), &size,
                        raw(packet, number_offset + kNumberBytes), 16) != 1)
    return false;
  packet[0] ^= std::byte{mask[0]} & std::byte{0x0f};
  for (std::size_t i = 0; i < kNumberBytes; ++i)
    packet[number_offset + i] ^= std::byte{mask[1 + i]};
  return true;
}

}  // namespace

std::optional<ByteVector> seal_quic_initial(const QuicKeys& keys, const QuicInitialHeader& header,
                                            ByteSpan frames) {
  ByteWriter out;
  out.u8(header.version == kQuicV2 ? 0xd3 : 0xc3).u32(header.version);
  out.u8_sized(header.destination_id).u8(0);
  out.quic_varint(header.token.size()).raw(header.token);
  out.u16((kNumberBytes + frames.size() + kSealTagBytes) | 0x4000);
  const auto number_offset = out.size();
  out.u32(header.number);
  const auto header_size = out.size();
  auto packet = out.raw(frames).bytes();
  if (!seal(keys, header.number, header_size, packet) ||
      !protect_header(keys, number_offset, packet))
    return std::nullopt;
  return packet;
}

}  // namespace tocsin
