// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/quic_initial.hpp"

#include "names/client_hello.hpp"
#include "names/hello_event.hpp"

namespace tocsin {
namespace {

// Frames that an Initial packet may hold (RFC 9000 section 12.4).
enum Frame : std::uint64_t {
  kPadding = 0,
  kPing = 1,
  kAck = 2,
  kAckEcn = 3,
  kCrypto = 6,
  kConnectionClose = 0x1c,
};

void skip_ack(ByteReader& in, bool ecn) {
  in.quic_varint();  // largest acknowledged
  in.quic_varint();  // delay
  auto ranges = in.quic_varint();
  in.quic_varint();  // first range
  for (; ranges > 0 && in.ok(); --ranges) {
    in.quic_varint();
    in.quic_varint();
  }
  for (int i = 0; ecn && i < 3; ++i) in.quic_varint();
}

std::size_t hash_of(ByteSpan bytes) {
  return std::hash<std::string_view>()(as_text(bytes));
}

}  // namespace

void QuicInitials::on_datagram(const PacketEvent& datagram) {
  ByteSpan rest = datagram.payload;
  for (std::size_t n = 0; !rest.empty() && n < limits::kQuicCoalescedMax; ++n) {
    const auto packet = take_quic_packet(rest);
    switch (packet.kind) {
      case QuicPacketKind::kInitial:
        ++counters_.initials;
        on_initial(datagram, packet);
        break;
      case QuicPacketKind::kVersionNegotiation:
        ++counters_.version_negotiation;
        break;
      case QuicPacketKind::kUnknownVersion:
        ++counters_.unknown_version;
        break;
      case QuicPacketKind::kMalformed:
        ++counters_.malformed;
        break;
      case QuicPacketKind::kOtherLong:
      case QuicPacketKind::kNotLong:
        break;
    }
  }
}

void QuicInitials::on_initial(const PacketEvent& datagram, const QuicPacket& packet) {
  const auto key = FlowKey::of(datagram);
  const auto payload = packet.cut ? std::nullopt : open(key, datagram, packet);
  if (!payload) return static_cast<void>(++counters_.undecryptable);
  auto* connection = open_.find(key);
  if (connection == nullptr) return;  // decided: an acknowledgement, a repeat
  connection->last = datagram.head.time_ns;
  const auto before = connection->bytes.held_bytes();
  const bool good = read_frames(*payload, *connection);
  held_bytes_ += connection->bytes.held_bytes();
  held_bytes_ -= before;
  if (!good) ++counters_.malformed;
  decide(key, *connection, false);
  make_room();
}

// Tries the flow's keys, then those of a new connection or one behind a Retry. An entry of open_
// stands for the keys that opened the packet, unless the connection is decided.
std::optional<std::vector<std::byte>> QuicInitials::open(const FlowKey& key,
                                                         const PacketEvent& datagram,
                                                         const QuicPacket& packet) {
  auto* known = open_.find(key);
  auto* decided = decided_.find(key);
  if (decided != nullptr) decided->last = datagram.head.time_ns;
  if (known != nullptr) {
    if (auto payload = crypto_.open(known->keys, packet.bytes, packet.number_offset))
      return payload;
  } else if (decided != nullptr) {
    if (auto payload = crypto_.open(decided->keys, packet.bytes, packet.number_offset))
      return payload;
  }
  const auto keys = crypto_.client_keys(packet.version, packet.destination_id);
  if (!keys) return std::nullopt;
  auto payload = crypto_.open(*keys, packet.bytes, packet.number_offset);
  if (!payload) return std::nullopt;
  Open& fresh = open_.get(key, [this](const FlowKey&, const Open& evicted) {
    held_bytes_ -= evicted.bytes.held_bytes();
    ++counters_.evicted;
  });
  held_bytes_ -= fresh.bytes.held_bytes();
  fresh = Open();
  fresh.hello = hello_of(datagram);
  fresh.keys = *keys;
  return payload;
}

bool QuicInitials::read_frames(ByteSpan payload, Open& connection) {
  for (ByteReader in(payload); in.left() > 0;) {
    const auto type = in.quic_varint();
    switch (type) {
      case kPadding:
      case kPing:
        break;
      case kAck:
      case kAckEcn:
        skip_ack(in, type == kAckEcn);
        break;
      case kCrypto: {
        const auto offset = in.quic_varint();
        const auto size = in.quic_varint();
        if (size > in.left()) return false;
        const auto data = in.take(static_cast<std::size_t>(size));
        if (!in.ok() || !connection.bytes.add(offset, data)) return false;
        break;
      }
      case kConnectionClose:
        return true;
      default:
        return false;
    }
    if (!in.ok()) return false;
  }
  return true;
}

bool QuicInitials::decide(const FlowKey& key, Open& connection, bool final) {
  const auto parse = parse_client_hello_message(connection.bytes.prefix());
  const bool begun = parse.state == ParseState::kNeedMore && !parse.hello.ciphers.empty();
  const bool told = parse.state == ParseState::kFound || (final && begun);
  if (!told && parse.state == ParseState::kNeedMore) return false;
  auto& decided = decided_.get(key, [](const FlowKey&, const Decided&) {});
  const auto hash = hash_of(connection.bytes.prefix());
  const bool repeated = decided.hello_hash == hash;
  decided = {connection.keys, hash, connection.last};
  auto hello = std::move(connection.hello);
  held_bytes_ -= connection.bytes.held_bytes();
  open_.erase(key);
  if (!told) {
    ++counters_.malformed;
  } else if (!repeated) {
    describe(hello, parse.hello, parse.cut || parse.state == ParseState::kNeedMore);
    ++counters_.hellos;
    sink_(std::move(hello));
  }
  return true;
}

void QuicInitials::tick(WallNs now) {
  const auto silent_since = [now](WallNs last, std::uint64_t wait) {
    return now - last > static_cast<WallNs>(wait);
  };
  while (!open_.empty() && silent_since(open_.oldest().last, limits::kStreamStartWaitNs)) {
    const FlowKey key = open_.oldest_key();
    Open& connection = open_.oldest();
    ++counters_.timed_out;
    if (decide(key, connection, true)) continue;
    held_bytes_ -= connection.bytes.held_bytes();
    open_.erase(key);
  }
  while (!decided_.empty() && silent_since(decided_.oldest().last, limits::kStreamDecidedNs))
    decided_.erase(FlowKey(decided_.oldest_key()));
}

void QuicInitials::make_room() {
  while (held_bytes_ > limits::kQuicBytesMax && !open_.empty()) {
    held_bytes_ -= open_.oldest().bytes.held_bytes();
    ++counters_.evicted;
    open_.erase(FlowKey(open_.oldest_key()));
  }
}

}  // namespace tocsin
