// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstdlib>
#include <cstring>
#include <vector>

#include "beacon/state_file.hpp"

// The saved state of the beacon engine, with checksums mended so that what lies behind them is
// reached. What was read is used, and written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin;
  std::vector<std::byte> bytes(size);
  if (size != 0) std::memcpy(bytes.data(), data, size);
  seal_beacon_state(bytes);
  BeaconTable table{BeaconOptions{}};
  KnownPrograms programs;
  if (!decode_beacon_state(bytes, table, programs)) return 0;

  BeaconSubject subject;
  const auto now = WallNs{1} << 61;
  const auto filed = table.file({.time_ns = now,
                                 .subject = subject,
                                 .container = "",
                                 .destination = "c2.example",
                                 .port = 443});
  if (filed.key != BeaconTable::kNone) table.assess(filed.key, now);
  for (std::size_t i = 0; i < table.slots(); ++i) {
    const auto slot = static_cast<BeaconTable::Slot>(i);
    if (!table.key(slot).has(BeaconKey::kUsed)) continue;
    const auto assessment = table.assess(slot, table.key(slot).timing.last_ns());
    if (!(assessment.score.beacon >= 0 && assessment.score.beacon <= 1.000001)) std::abort();
    std::string row;
    JsonWriter w(row);
    write_beacon(w, table.finding(slot, assessment));
  }
  BeaconTable again{BeaconOptions{}};
  KnownPrograms programs_again;
  if (!decode_beacon_state(encode_beacon_state(table, programs), again, programs_again))
    std::abort();
  return 0;
}
