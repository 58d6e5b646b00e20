// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <span>
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
  std::string damage;  // what was not whole and is lost; empty: nothing
};

// The state without its checksums, which cost most of the time and need neither of the two: whoever
// saves it has them filled in by seal_beacon_state() on a thread that may take its time.
std::vector<std::byte> lay_out_beacon_state(const BeaconTable& table,
                                            const KnownPrograms& programs);
void seal_beacon_state(std::span<std::byte> bytes);
// Both at once.
std::vector<std::byte> encode_beacon_state(const BeaconTable& table, const KnownPrograms& programs);
// Fills both, which must be empty, with all that is whole. Any bytes are safe. An error says why
// nothing could be used; then both are as they were.
Result<BeaconStateLoad> decode_beacon_state(ByteSpan bytes, BeaconTable& table,
                                            KnownPrograms& programs);

// A missing file is no error: nothing loaded. On an error both are as they were.
Result<BeaconStateLoad> load_beacon_state(const std::string& path, BeaconTable& table,
                                          KnownPrograms& programs);
// Whole or not at all. Blocks on the disk.
Result<void> save_beacon_state(const std::string& path, ByteSpan bytes);

}  // namespace tocsin
