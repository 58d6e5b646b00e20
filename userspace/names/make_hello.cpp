// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/make_hello.hpp"

#include "names/quic_crypto.hpp"
#include "names/quic_seal.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kDatagramBytes = 1200;
constexpr std::size_t kHelloTagBytes = 16;

// What makes it a hello of TLS 1.3 (RFC 8446 section 4.1.2); without key shares: nobody answers.
ByteVector client_hello(std::string_view host) {
  ByteWriter names;
  names.u8(0).u16_sized(bytes_of(host));
  ByteWriter extensions;
  extensions.u16(0).u16(names.size() + 2).u16_sized(names.bytes());  // server_name
  extensions.u16(43).u16(3).u8(2).u16(0x0304);                       // supported_versions: TLS 1.3
  extensions.u16(13).u16(4).u16(2).u16(0x0403);                      // signature_algorithms: ECDSA
  ByteWriter body;
  body.u16(0x0303).fill(32, 0x74).u8(0);  // legacy_version, random, no session id
  body.u16(2).u16(0x1301);                // cipher_suites: TLS_AES_128_GCM_SHA256
  body.u8(1).u8(0).u16_sized(extensions.bytes());
  return ByteWriter().u8(1).u24(body.size()).raw(body.bytes()).bytes();
}

}  // namespace

ByteVector make_tls_hello(std::string_view host) {
  return ByteWriter().u8(22).u16(0x0301).u16_sized(client_hello(host)).bytes();
}

Result<ByteVector> make_quic_hello(std::string_view host, std::string_view connection_id) {
  const auto id = bytes_of(connection_id);
  TOCSIN_TRY(auto crypto, QuicCrypto::create());
  const auto keys = crypto.client_keys(kQuicV1, id);
  const auto hello = client_hello(host);
  ByteWriter frames;
  frames.u8(6).quic_varint(0).quic_varint(hello.size()).raw(hello);  // CRYPTO
  // First byte, version, ids, token length, length and number stand before the frames.
  const std::size_t around = 1 + 4 + 1 + id.size() + 1 + 1 + 2 + 4 + kHelloTagBytes;
  if (frames.size() + around < kDatagramBytes)
    frames.fill(kDatagramBytes - around - frames.size());  // PADDING
  auto packet =
      keys ? seal_quic_initial(*keys, {.destination_id = id}, frames.bytes()) : std::nullopt;
  if (!packet) return fail(ErrorCode::kInternal, "the QUIC hello could not be encrypted");
  return std::move(*packet);
}

}  // namespace tocsin
