// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <span>

#include "names/quic_crypto.hpp"
#include "names/quic_packet.hpp"
#include "support/byte_writer.hpp"

// Client Initials as a hostile or unusual client makes them; ordinary ones come from real clients.
namespace tocsin::test {

Bytes crypto_frame(std::uint64_t offset, std::span<const std::byte> data);

struct InitialOptions {
  std::uint32_t version = kQuicV1;
  Bytes destination_id{};
  Bytes first_id{};  // whose keys protect it; empty: destination_id
  std::uint32_t number = 0;
  Bytes token{};
};
// A protected packet around the frames.
Bytes seal_initial(const InitialOptions& options, std::span<const std::byte> frames);

}  // namespace tocsin::test
