// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/lru_map.hpp"
#include "base/reassembly.hpp"
#include "event/name_event.hpp"
#include "names/flow_key.hpp"

namespace tocsin {

using HelloSink = std::function<void(HelloEvent)>;

struct StreamStartCounters {
  std::uint64_t tls = 0, http = 0;  // names said
  std::uint64_t other = 0;          // streams that begin with another protocol
  std::uint64_t malformed_tls = 0;
  std::uint64_t timed_out = 0;       // silent before the hello was whole
  std::uint64_t evicted = 0;         // streams given up to make room
  std::uint64_t pieces_dropped = 0;  // segments beyond a limit
};

// Watches the first bytes of outgoing TCP streams, whose segments come in any order, and tells the
// name the client says: at most one TLS and one HTTP hello per connection. A ClientHello later in
// a stream (STARTTLS, CONNECT) is found when it begins a segment.
class StreamStarts {
 public:
  explicit StreamStarts(HelloSink sink) : sink_(std::move(sink)) {}

  // An outgoing segment of kind kTcpStart.
  void on_segment(const PacketEvent& segment);
  // Tells what waited too long, as far as it was seen. now: on the packets' own clock.
  void tick(WallNs now);

  [[nodiscard]] const StreamStartCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t streams() const { return open_.size() + decided_.size(); }
  [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }

 private:
  struct EarlySegment {
    std::uint32_t seq;
    std::vector<std::byte> bytes;
  };
  // A stream whose protocol is not known yet.
  struct Open {
    HelloEvent hello;                   // filled as far as the first packet tells
    std::optional<std::uint32_t> base;  // sequence number of the stream's first byte
    std::vector<EarlySegment> early;    // while base is unknown
    Reassembly bytes{{limits::kStreamStartBytesMax, limits::kStreamPiecesMax}};
    std::optional<std::uint64_t> hole;  // offset from which bytes were not captured
    WallNs last = 0;
  };
  struct Decided {
    bool tls = false, http = false;  // what was told
    std::uint32_t base = 0;
    WallNs last = 0;
  };

  void take(const FlowKey& key, Open& stream, const PacketEvent& segment);
  bool add(Open& stream, const EarlySegment& segment);
  // True when the stream is decided and gone.
  bool decide(const FlowKey& key, Open& stream, bool final);
  void told(const FlowKey& key, const Open& stream, std::optional<HelloKind> kind);
  void close(const FlowKey& key, const Open& stream);
  void make_room();

  HelloSink sink_;
  StreamStartCounters counters_;
  LruMap<FlowKey, Open, FlowKeyHash> open_{limits::kStreamStartsMax};
  LruMap<FlowKey, Decided, FlowKeyHash> decided_{limits::kStreamsDecidedMax};
  std::size_t held_bytes_ = 0;
};

}  // namespace tocsin
