// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/quic_builder.hpp"

#include <stdexcept>

#include "names/quic_seal.hpp"

namespace tocsin::test {

Bytes crypto_frame(std::uint64_t offset, std::span<const std::byte> data) {
  return ByteWriter().u8(6).quic_varint(offset).quic_varint(data.size()).raw(data).bytes();
}

Bytes seal_initial(const InitialOptions& options, std::span<const std::byte> frames) {
  static QuicCrypto crypto = QuicCrypto::create().value();  // dear to make
  const auto& first = options.first_id.empty() ? options.destination_id : options.first_id;
  const auto keys = crypto.client_keys(options.version, first);
  const QuicInitialHeader header{.version = options.version,
                                 .destination_id = options.destination_id,
                                 .token = options.token,
                                 .number = options.number};
  const auto packet = keys ? seal_quic_initial(*keys, header, frames) : std::nullopt;
  if (!packet) throw std::runtime_error("sealing a QUIC Initial");
  return *packet;
}

}  // namespace tocsin::test
