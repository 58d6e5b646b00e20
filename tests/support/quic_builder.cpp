// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/quic_builder.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace tocsin::test {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

unsigned char* raw(Bytes& bytes, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + at;
}

void need(bool done) {
  if (!done) throw std::runtime_error("sealing a QUIC Initial");
}

// Encrypts what stands behind the header in place and appends the tag.
void seal(const QuicKeys& keys, std::uint32_t number, std::size_t header_size, Bytes& packet) {
  auto nonce = keys.iv;
  for (std::size_t i = 0; i < 4; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const int text_size = static_cast<int>(packet.size() - header_size);
  int size = 0;
  need(EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, keys.key.data(),
                          nonce.data()) == 1);
  need(EVP_EncryptUpdate(context.get(), nullptr, &size, raw(packet),
                         static_cast<int>(header_size)) == 1);
  need(EVP_EncryptUpdate(context.get(), raw(packet, header_size), &size, raw(packet, header_size),
                         text_size) == 1);
  need(EVP_EncryptFinal_ex(context.get(), raw(packet), &size) == 1);
  packet.resize(packet.size() + 16);
  need(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16,
                           raw(packet, packet.size() - 16)) == 1);
}

void protect_header(const QuicKeys& keys, std::size_t number_offset, Bytes& packet) {
  std::array<unsigned char, 32> mask{};
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  need(EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, keys.header.data(), nullptr) ==
       1);
  need(EVP_EncryptUpdate(context.get(), mask.data(), &size, raw(packet, number_offset + 4), 16) ==
       1);
  packet[0] ^= std::byte{mask[0]} & std::byte{0x0f};
  for (std::size_t i = 0; i < 4; ++i) packet[number_offset + i] ^= std::byte{mask[1 + i]};
}

}  // namespace

void quic_varint(ByteWriter& out, std::uint64_t value) {
  if (value < 64)
    out.u8(value);
  else if (value < 16'384)
    out.u16(value | 0x4000);
  else if (value < 1 << 30)
    out.u32(value | 0x8000'0000);
  else
    out.u32(value >> 32 | 0xc000'0000).u32(value & 0xffff'ffff);
}

Bytes crypto_frame(std::uint64_t offset, std::span<const std::byte> data) {
  ByteWriter out;
  out.u8(6);
  quic_varint(out, offset);
  quic_varint(out, data.size());
  return out.raw(data).bytes();
}

Bytes seal_initial(const InitialOptions& options, std::span<const std::byte> frames) {
  static QuicCrypto crypto = QuicCrypto::create().value();  // dear to make
  const auto& first = options.first_id.empty() ? options.destination_id : options.first_id;
  const auto keys = crypto.client_keys(options.version, first);
  need(keys.has_value());
  ByteWriter out;
  out.u8(options.version == kQuicV2 ? 0xd3 : 0xc3).u32(options.version);
  out.u8_sized(options.destination_id).u8(0);
  quic_varint(out, options.token.size());
  out.raw(options.token).u16((4 + frames.size() + 16) | 0x4000);
  const auto number_offset = out.size();
  out.u32(options.number);
  const auto header_size = out.size();
  auto packet = out.raw(frames).bytes();
  seal(*keys, options.number, header_size, packet);
  protect_header(*keys, number_offset, packet);
  return packet;
}

}  // namespace tocsin::test
