// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "capture/packet_layers.hpp"
#include "capture/pcap_reader.hpp"
#include "daemon/capture_events.hpp"

namespace tocsin {

// What became of a capture file's packets.
struct CaptureSummary {
  std::uint64_t frames = 0;
  std::uint64_t used = 0;                   // TCP segments and UDP datagrams
  std::array<std::uint64_t, 5> by_fault{};  // by LayerFault: frames that gave none
  std::uint64_t incomplete = 0;             // packets in fragments that never became whole
  PacketNamesCounters names;
  std::string damage;  // where and why reading ended before the file did; empty: it did not

  // Packets and messages that contradict themselves.
  [[nodiscard]] std::uint64_t faults() const;
  // One line for people.
  [[nodiscard]] std::string to_string() const;
};

// Reads a whole file; its events go to the sink as CaptureEvents orders them. An error means that
// it could not be read at all.
// go_on hears now and then how many bytes of the file were read; false: read no further.
using CaptureGoesOn = std::function<bool(std::uint64_t bytes)>;
Result<CaptureSummary> read_capture(const std::string& path, CaptureEvents::Sink sink,
                                    const CaptureGoesOn& go_on = {});
Result<CaptureSummary> read_capture(PcapReader reader, CaptureEvents::Sink sink,
                                    const CaptureGoesOn& go_on = {});

}  // namespace tocsin
