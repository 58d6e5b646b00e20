// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The input is a datagram as it came, and the frames of an Initial that is sealed here: mutated
// ciphertext alone would never pass the tag.
#include <cstdint>
#include <cstdlib>

#include "base/limits.hpp"
#include "names/quic_initial.hpp"
#include "support/quic_builder.hpp"

using namespace tocsin;
using namespace tocsin::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Bytes kId = bytes_of_hex("8394c8f03e515708");
  const auto bytes = std::as_bytes(std::span(data, std::min<std::size_t>(size, 1400)));
  QuicInitials quic(*QuicCrypto::create(), [](const HelloEvent& hello) {
    if (hello.host.size() > 4 * 255) std::abort();
  });
  PacketEvent packet;
  packet.kind = PacketKind::kQuic;
  packet.payload.assign(bytes.begin(), bytes.end());
  packet.length = static_cast<std::uint32_t>(packet.payload.size());
  quic.on_datagram(packet);
  // In two packets, the second half first.
  const auto half = bytes.size() / 2;
  for (const auto& frames : {bytes.subspan(half), bytes.first(half), bytes}) {
    packet.payload = seal_initial({.destination_id = kId}, frames);
    packet.payload.insert(packet.payload.end(), 8, std::byte{});
    quic.on_datagram(packet);
    if (quic.held_bytes() > limits::kClientHelloBytesMax) std::abort();
  }
  quic.tick(INT64_MAX);
  if (quic.held_bytes() != 0) std::abort();
  return 0;
}
