// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/capture_events.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "names/dns_codes.hpp"
#include "names/name_candidate.hpp"

namespace tocsin {
namespace {

// Segments in which a hello is looked for when the flow's beginning was not captured.
constexpr std::uint32_t kMiddleSegmentsMax = 16;
// Bytes behind the first in which one is looked for when it was: room for STARTTLS.
constexpr std::uint32_t kStartBytesMax = 64 * 1024;
constexpr std::uint16_t kRegisteredPortsMin = 1024;

// A datagram whose first packet is no answer tells by its ports who asked.
bool answers(const Transport& packet) {
  if (packet.source_port == dns::kPort) return packet.destination_port != dns::kPort;
  return packet.source_port < kRegisteredPortsMin && packet.destination_port >= kRegisteredPortsMin;
}

bool is_dns(const Transport& packet) {
  return packet.source_port == dns::kPort || packet.destination_port == dns::kPort;
}

// A long header; its version decides in the parser (RFC 8999).
bool may_be_quic(ByteSpan payload) {
  return payload.size() > 6 && (std::to_integer<unsigned>(payload[0]) & 0xc0) == 0xc0;
}

// Strings of one answer record can be a hundred times the packet's.
std::size_t size_of(const Event& event) {
  auto size = sizeof(Event);
  if (const auto* dns = std::get_if<DnsEvent>(&event))
    for (const auto& answer : dns->answers)
      size += sizeof answer + answer.owner.size() + answer.data.size() +
              answer.hints.size() * sizeof(IpAddress);
  return size;
}

}  // namespace

std::size_t CaptureEvents::KeyHash::operator()(const Key& key) const {
  return key.low.address.hash() ^ (key.high.address.hash() * 3) ^
         (std::size_t{key.low.port} << 40 | std::size_t{key.high.port} << 16 | key.protocol);
}

Result<std::unique_ptr<CaptureEvents>> CaptureEvents::create(Sink sink) {
  std::unique_ptr<CaptureEvents> out(new CaptureEvents(std::move(sink)));
  auto* self = out.get();
  TOCSIN_TRY(out->names_, PacketNames::create({
                              .on_dns = [self](DnsEvent e) { self->hold({.event = std::move(e)}); },
                              .on_hello = [self](HelloEvent e) { self->name(e); },
                          }));
  return out;
}

void CaptureEvents::on_packet(const Transport& packet) {
  // Files merged from several captures may step back; time here does not.
  now_ = std::max(now_, packet.time_ns);
  bool fresh = false;
  Flow& flow = flow_of(packet, fresh);
  if (packet.protocol == IPPROTO_TCP)
    on_tcp(packet, flow, fresh);
  else
    on_udp(packet, flow, fresh);
  if (now_ >= next_tick_) {
    next_tick_ = now_ + kNsPerSecond;
    names_->tick(now_);
  }
  release(now_);
}

CaptureEvents::Flow& CaptureEvents::flow_of(const Transport& packet, bool& fresh) {
  const Endpoint source{packet.source, packet.source_port};
  const Endpoint destination{packet.destination, packet.destination_port};
  Key key{packet.protocol, std::min(source, destination), std::max(source, destination)};
  Flow& flow = flows_.get(key, [](const Key&, const Flow&) {});
  const bool syn = packet.protocol == IPPROTO_TCP && (packet.tcp_flags & kTcpSyn) != 0;
  const bool opening = syn && (packet.tcp_flags & kTcpAck) == 0;
  // Ports are used again: another initial number is another connection.
  if (opening && flow.client_isn && *flow.client_isn != packet.tcp_seq) flow = Flow();
  fresh = flow.id == 0;
  if (!fresh) return flow;
  flow.id = ++last_flow_;
  const bool reversed = syn ? !opening : answers(packet);
  flow.client = reversed ? destination : source;
  flow.server = reversed ? source : destination;
  return flow;
}

void CaptureEvents::on_tcp(const Transport& packet, Flow& flow, bool fresh) {
  const bool from_client = flow.client == Endpoint{packet.source, packet.source_port};
  const bool syn = (packet.tcp_flags & kTcpSyn) != 0;
  if (syn) {
    auto& isn = from_client ? flow.client_isn : flow.server_isn;
    isn = packet.tcp_seq;
    if (from_client && fresh) open(packet, flow);
    if (!from_client) settle(flow.id, ConnectResult::kOk);
  } else if ((packet.tcp_flags & kTcpRst) != 0 && !from_client && !flow.server_isn) {
    settle(flow.id, ConnectResult::kRefused);
  }
  if (packet.payload.empty() && packet.length == 0) {
    if ((packet.tcp_flags & (kTcpFin | kTcpRst)) != 0) settle(flow.id, ConnectResult::kUnknown);
    return;
  }
  PacketEvent event;
  event.kind = is_dns(packet) ? PacketKind::kDnsTcp : PacketKind::kTcpStart;
  event.outgoing = from_client;
  event.tcp_seq = packet.tcp_seq + (syn ? 1 : 0);
  const auto& isn = from_client ? flow.client_isn : flow.server_isn;
  event.tcp_first = isn && event.tcp_seq == *isn + 1;
  if (event.kind == PacketKind::kTcpStart) {
    if (!from_client) return;
    ++flow.segments;
    const bool late =
        isn ? event.tcp_seq - *isn > kStartBytesMax : flow.segments > kMiddleSegmentsMax;
    if (late) return;
  }
  pass(packet, flow, std::move(event));
}

void CaptureEvents::on_udp(const Transport& packet, Flow& flow, bool fresh) {
  const bool from_client = flow.client == Endpoint{packet.source, packet.source_port};
  if (fresh && from_client && !packet.destination.is_multicast()) open(packet, flow);
  PacketEvent event;
  event.outgoing = from_client;
  if (is_dns(packet))
    event.kind = PacketKind::kDnsUdp;
  else if (may_be_quic(packet.payload))
    event.kind = PacketKind::kQuic;
  else
    return;
  pass(packet, flow, std::move(event));
}

void CaptureEvents::pass(const Transport& packet, const Flow& flow, PacketEvent event) {
  event.head.time_ns = now_;
  event.cookie = flow.id;
  event.local = flow.client;
  event.remote = flow.server;
  event.length = packet.length;
  event.payload.assign(packet.payload.begin(), packet.payload.end());
  names_->on_packet(event);
}

void CaptureEvents::open(const Transport& packet, Flow& flow) {
  ConnectEvent event;
  event.head.time_ns = now_;
  event.local = flow.client;
  event.remote = flow.server;
  event.protocol = packet.protocol;
  event.datagram = packet.protocol == IPPROTO_UDP;
  event.result = event.datagram ? ConnectResult::kUnknown : ConnectResult::kInProgress;
  // Nothing that a datagram's flow says later names it, but for QUIC.
  const bool waits = !event.datagram || may_be_quic(packet.payload);
  hold({.flow = waits ? flow.id : 0, .until = now_ + kHoldNs, .event = std::move(event)});
}

// kUnknown: nothing more is to come.
void CaptureEvents::settle(std::uint64_t flow, ConnectResult result) {
  auto* connect = waiting(flow);
  if (connect == nullptr) return;
  if (connect->result == ConnectResult::kInProgress && result != ConnectResult::kUnknown)
    connect->result = result;
  if (result == ConnectResult::kOk) return;  // its name is still to come
  held_[places_[flow] - released_].flow = 0;
  places_.erase(flow);
}

void CaptureEvents::name(const HelloEvent& hello) {
  if (auto* connect = waiting(hello.cookie); connect != nullptr && !hello.host.empty()) {
    connect->host = hello.host;
    const auto source = hello.kind == HelloKind::kTls    ? NameSource::kTlsSni
                        : hello.kind == HelloKind::kQuic ? NameSource::kQuicSni
                                                         : NameSource::kHttpHost;
    connect->host_source = to_string(source);
    settle(hello.cookie, ConnectResult::kUnknown);
  }
  auto event = hello;
  event.cookie = 0;
  hold({.event = std::move(event)});
}

ConnectEvent* CaptureEvents::waiting(std::uint64_t flow) {
  const auto place = places_.find(flow);
  return place == places_.end()
             ? nullptr
             : std::get_if<ConnectEvent>(&held_[place->second - released_].event);
}

void CaptureEvents::hold(Held held) {
  if (auto* dns = std::get_if<DnsEvent>(&held.event)) dns->cookie = 0;
  held.bytes = size_of(held.event);
  held_bytes_ += held.bytes;
  if (held.flow != 0) places_[held.flow] = released_ + held_.size();
  held_.push_back(std::move(held));
}

void CaptureEvents::release(WallNs now) {
  while (!held_.empty()) {
    Held& first = held_.front();
    const bool full = held_.size() > limits::kCaptureHeldMax || held_bytes_ > kHeldBytesMax;
    if (first.flow != 0 && first.until > now && !full) return;
    if (first.flow != 0) {
      auto& connect = std::get<ConnectEvent>(first.event);
      if (connect.result == ConnectResult::kInProgress && first.until <= now)
        connect.result = ConnectResult::kTimeout;
      places_.erase(first.flow);
    }
    held_bytes_ -= first.bytes;
    auto event = std::move(first.event);
    held_.pop_front();
    ++released_;
    sink_(std::move(event));
  }
}

void CaptureEvents::finish() {
  // What the parsers still hold is told as far as it was seen; attempts without an answer stay
  // in progress, since nobody knows what came behind the capture.
  names_->tick(now_ + static_cast<WallNs>(limits::kStreamStartWaitNs) + 1);
  for (auto& held : held_) held.flow = 0;
  places_.clear();
  release(now_);
}

}  // namespace tocsin
