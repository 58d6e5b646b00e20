// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "names/quic_crypto.hpp"
#include "names/quic_packet.hpp"

namespace tocsin {

// What stands in the open in a client's Initial (RFC 9000 section 17.2.2).
struct QuicInitialHeader {
  std::uint32_t version = kQuicV1;
  ByteSpan destination_id = {};  // the source id is empty
  ByteSpan token = {};
  std::uint32_t number = 0;  // sent in four bytes
};

// The protected packet around the frames, as a client with these keys sends it; absent when the
// cryptographic library fails. The other direction is QuicCrypto::open().
std::optional<ByteVector> seal_quic_initial(const QuicKeys& keys, const QuicInitialHeader& header,
                                            ByteSpan frames);

}  // namespace tocsin
