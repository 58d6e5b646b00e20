// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/lru_map.hpp"
#include "base/reassembly.hpp"
#include "event/name_event.hpp"
#include "names/flow_key.hpp"

namespace tocsin {

struct DnsStreamCounters {
  std::uint64_t messages = 0;
  std::uint64_t unsynchronized = 0;  // segments passed over in search of a message's beginning
  std::uint64_t gaps = 0;            // places where bytes were missing and the rest went on
  std::uint64_t evicted = 0;         // streams given up to make room
};

// Takes DNS messages out of TCP streams (RFC 1035 section 4.2.2: two bytes of length, then the
// message), which split and join them anywhere. A stream seen from its middle, or with bytes
// missing, goes on at the next segment that begins like a message.
class DnsStreams {
 public:
  // What there is of a message of `length` bytes. The span is valid during the call.
  using Sink = std::function<void(ByteSpan bytes, std::size_t length)>;

  // A segment of kind kDnsTcp, of either direction; each is a stream of its own.
  void on_segment(const PacketEvent& segment, const Sink& sink);
  void tick(WallNs now);

  [[nodiscard]] const DnsStreamCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t streams() const { return streams_.size(); }

 private:
  struct Stream {
    std::optional<std::uint32_t> base;  // sequence number of offset 0
    Reassembly bytes{{limits::kDnsStreamBytesMax, limits::kStreamPiecesMax}};
    WallNs last = 0;
  };
  void deliver(Stream& stream, const Sink& sink);
  void skip_hole(Stream& stream, std::size_t missing, const Sink& sink);
  static void restart(Stream& stream, std::uint32_t seq);

  DnsStreamCounters counters_;
  LruMap<FlowKey, Stream, FlowKeyHash> streams_{limits::kDnsStreamsMax};
};

}  // namespace tocsin
