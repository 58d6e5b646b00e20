// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/dns_stream.hpp"

#include <algorithm>

namespace tocsin {
namespace {

constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kDnsHeaderBytes = 12;

// A length that can be, and a header with one question and opcode QUERY.
bool begins_message(ByteSpan bytes) {
  ByteReader in(bytes);
  const auto length = in.u16();
  in.skip(2);  // id
  const auto flags = in.u16();
  const auto questions = in.u16();
  return in.ok() && length > kDnsHeaderBytes && (flags >> 11 & 15) == 0 && questions == 1;
}

std::size_t message_length(ByteSpan prefix) {
  return ByteReader(prefix).u16();
}

}  // namespace

void DnsStreams::on_segment(const PacketEvent& segment, const Sink& sink) {
  const ByteSpan payload = segment.payload;
  if (payload.empty()) return;
  Stream& stream = streams_.get(FlowKey::of(segment),
                                [this](const FlowKey&, const Stream&) { ++counters_.evicted; });
  stream.last = segment.head.time_ns;
  if (segment.tcp_first && (!stream.base || *stream.base != segment.tcp_seq))
    restart(stream, segment.tcp_seq);
  if (!stream.base) {
    if (!begins_message(payload)) return static_cast<void>(++counters_.unsynchronized);
    restart(stream, segment.tcp_seq);
  }
  // Offsets grow past 4 GiB; the sequence number says how far the segment is from the first gap.
  const auto end = stream.bytes.end();
  const auto ahead =
      static_cast<std::int32_t>(segment.tcp_seq - *stream.base - static_cast<std::uint32_t>(end));
  const auto offset = static_cast<std::int64_t>(end) + ahead;
  if (offset < 0) return;
  if (!stream.bytes.add(static_cast<std::uint64_t>(offset), payload)) {
    // Something in between never came.
    ++counters_.gaps;
    stream.base.reset();
    if (begins_message(payload)) {
      restart(stream, segment.tcp_seq);
      stream.bytes.add(0, payload);
    }
  }
  deliver(stream, sink);
  const auto segment_end = static_cast<std::uint64_t>(offset) + payload.size();
  if (segment.length > payload.size() && stream.base && stream.bytes.end() == segment_end)
    skip_hole(stream, segment.length - payload.size(), sink);
}

void DnsStreams::deliver(Stream& stream, const Sink& sink) {
  while (stream.bytes.prefix().size() >= kLengthBytes) {
    const auto length = message_length(stream.bytes.prefix());
    if (stream.bytes.prefix().size() < kLengthBytes + length) return;
    ++counters_.messages;
    sink(stream.bytes.prefix().subspan(kLengthBytes, length), length);
    stream.bytes.consume(kLengthBytes + length);
  }
}

// The capture left out `missing` bytes behind the prefix: what is there of the message is told, and
// the stream goes on behind it, as far as that can be known.
void DnsStreams::skip_hole(Stream& stream, std::size_t missing, const Sink& sink) {
  const auto prefix = stream.bytes.prefix();
  ++counters_.gaps;
  if (prefix.size() < kLengthBytes) return stream.base.reset();
  const auto length = message_length(prefix);
  const auto begun = stream.bytes.end() - prefix.size();
  ++counters_.messages;
  sink(prefix.subspan(kLengthBytes), length);
  const auto message_end = begun + kLengthBytes + length;
  if (message_end < stream.bytes.end() + missing) return stream.base.reset();
  stream.bytes.restart(message_end);
}

void DnsStreams::restart(Stream& stream, std::uint32_t seq) {
  stream.base = seq;
  stream.bytes.restart(0);
}

void DnsStreams::tick(WallNs now) {
  while (!streams_.empty() &&
         now - streams_.oldest().last > static_cast<WallNs>(limits::kDnsStreamIdleNs))
    streams_.erase(FlowKey(streams_.oldest_key()));
}

}  // namespace tocsin
