// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "base/limits.hpp"
#include "base/lru_map.hpp"
#include "capture/packet_layers.hpp"
#include "event/event.hpp"
#include "names/packet_names.hpp"

namespace tocsin {

// Turns the packets of a capture file into events: connects with their outcome, DNS messages and
// hellos. Processes are unknown there: `local` is the client, the side that opened the flow.
// Events come out in the order they became known; a connect waits for its outcome and for the name
// its first bytes say, at most kHoldNs, and what is behind it waits, too.
class CaptureEvents {
 public:
  using Sink = std::function<void(Event)>;
  static constexpr WallNs kHoldNs = 5 * kNsPerSecond;
  // Memory of the events behind a connect that waits. Full: it goes out as it is.
  static constexpr std::size_t kHeldBytesMax = 64 * 1024 * 1024;

  // Fails only when the cryptographic library lacks what QUIC needs.
  static Result<std::unique_ptr<CaptureEvents>> create(Sink sink);

  void on_packet(const Transport& packet);
  // No more packets: everything that waits goes out.
  void finish();
  [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }
  [[nodiscard]] PacketNamesCounters names() const { return names_->counters(); }

 private:
  struct Key {
    std::uint8_t protocol = 0;
    Endpoint low, high;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Flow {
    std::uint64_t id = 0;  // 0: just made
    Endpoint client, server;
    std::optional<std::uint32_t> client_isn, server_isn;
    std::uint32_t segments = 0;  // of the client, with payload
  };
  struct Held {
    std::uint64_t flow = 0;  // of a connect that waits; 0: ready
    WallNs until = 0;
    Event event;
    std::size_t bytes = 0;  // about what it takes
  };

  explicit CaptureEvents(Sink sink) : sink_(std::move(sink)) {}
  Flow& flow_of(const Transport& packet, bool& fresh);
  void on_tcp(const Transport& packet, Flow& flow, bool fresh);
  void on_udp(const Transport& packet, Flow& flow, bool fresh);
  void pass(const Transport& packet, const Flow& flow, PacketEvent event);
  void open(const Transport& packet, Flow& flow);
  void settle(std::uint64_t flow, ConnectResult result);
  void name(const HelloEvent& hello);
  void hold(Held held);
  void release(WallNs now);
  ConnectEvent* waiting(std::uint64_t flow);

  Sink sink_;
  std::optional<PacketNames> names_;
  LruMap<Key, Flow, KeyHash> flows_{limits::kCaptureFlowsMax};
  std::deque<Held> held_;
  // Where in held_ a waiting connect stands: its number in the order of all events.
  std::unordered_map<std::uint64_t, std::uint64_t> places_;
  std::uint64_t released_ = 0;
  std::size_t held_bytes_ = 0;
  std::uint64_t last_flow_ = 0;
  WallNs now_ = 0;
  WallNs next_tick_ = 0;
};

}  // namespace tocsin
