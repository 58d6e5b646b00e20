// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/result.hpp"
#include "beacon/known_programs.hpp"
#include "beacon/table.hpp"

// The beacon engine's memory on disk: docs/beacon-state-format.md.
namespace tocsin {

struct BeaconStateLoad {
  std::size_t keys = 0, programs = 0;
};

std::vector<std::byte> encode_beacon_state(const BeaconTable& table, const KnownPrograms& programs);
// Fills both, which must be empty. Any bytes are safe. An error says what is wrong where; then
// both may hold a part, and are to be thrown away.
Result<BeaconStateLoad> decode_beacon_state(ByteSpan bytes, BeaconTable& table,
                                            KnownPrograms& programs);

// A missing file is no error: nothing loaded. On an error both are as they were.
Result<BeaconStateLoad> load_beacon_state(const std::string& path, BeaconTable& table,
                                          KnownPrograms& programs);
// Whole or not at all. Blocks on the disk.
Result<void> save_beacon_state(const std::string& path, ByteSpan bytes);

}  // namespace tocsin
