// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/stream_start.hpp"

#include "names/client_hello.hpp"
#include "names/hello_event.hpp"
#include "names/http_host.hpp"

namespace tocsin {
namespace {

// Cheap and certain enough to begin reading in the middle of a stream.
bool begins_client_hello(ByteSpan bytes) {
  ByteReader in(bytes);
  const auto type = in.u8();
  const auto major = in.u8();
  in.skip(3);
  const auto message = in.u8();
  return in.ok() && type == 22 && major == 3 && message == 1;
}

bool begins_request(ByteSpan bytes) {
  const auto state = parse_http_host(bytes).state;
  return state == ParseState::kFound || (state == ParseState::kNeedMore &&
                                         as_text(bytes).find("HTTP/1.") != std::string_view::npos);
}

std::size_t held(const auto& stream) {
  auto bytes = stream.bytes.held_bytes();
  for (const auto& segment : stream.early) bytes += segment.bytes.size();
  return bytes;
}

}  // namespace

void StreamStarts::on_segment(const PacketEvent& segment) {
  if (segment.payload.empty()) return;
  const auto key = FlowKey::of(segment);
  if (auto* decided = decided_.find(key)) {
    decided->last = segment.head.time_ns;
    const bool new_connection = segment.tcp_first && segment.tcp_seq != decided->base;
    if (new_connection)
      decided_.erase(key);
    else if (open_.find(key) == nullptr && (decided->tls || !begins_client_hello(segment.payload)))
      return;
  }
  Open& stream = open_.get(key, [this](const FlowKey&, const Open& evicted) {
    held_bytes_ -= held(evicted);
    ++counters_.evicted;
  });
  if (stream.last == 0) stream.hello = hello_of(segment);
  stream.last = segment.head.time_ns;
  const auto before = held(stream);
  take(key, stream, segment);
  // A stream that was decided has gone, and what it held with it.
  if (const auto* still = open_.find(key)) held_bytes_ += held(*still);
  held_bytes_ -= before;
  make_room();
}

void StreamStarts::take(const FlowKey& key, Open& stream, const PacketEvent& segment) {
  const ByteSpan payload = segment.payload;
  // The socket's first bytes are known to be that; else a hello names itself. A first segment that
  // contradicts the known start belongs to a later connection between the same ports.
  if (segment.tcp_first && stream.base && *stream.base != segment.tcp_seq) {
    const auto hello = hello_of(segment);
    stream = Open();
    stream.hello = hello;
    stream.last = segment.head.time_ns;
  }
  if (!stream.base) {
    if (segment.tcp_first || begins_client_hello(payload) || begins_request(payload) ||
        decided_.find(key) != nullptr)
      stream.base = segment.tcp_seq;
  }
  EarlySegment one{segment.tcp_seq, segment.payload};
  if (!stream.base) {
    if (stream.early.size() >= limits::kStreamPiecesMax ||
        held(stream) + payload.size() > limits::kStreamStartBytesMax)
      ++counters_.pieces_dropped;
    else
      stream.early.push_back(std::move(one));
    return;
  }
  if (segment.length > payload.size()) {
    const auto offset = static_cast<std::int32_t>(segment.tcp_seq - *stream.base);
    const auto hole = static_cast<std::uint64_t>(std::max(offset, 0)) + payload.size();
    stream.hole = std::min(stream.hole.value_or(hole), hole);
  }
  bool fits = add(stream, one);
  for (const auto& early : stream.early) fits = add(stream, early) && fits;
  stream.early.clear();
  if (!fits) ++counters_.pieces_dropped;
  decide(key, stream, !fits && stream.bytes.held_bytes() >= limits::kStreamStartBytesMax);
}

bool StreamStarts::add(Open& stream, const EarlySegment& segment) {
  const auto offset = static_cast<std::int32_t>(segment.seq - *stream.base);
  if (offset >= 0) return stream.bytes.add(static_cast<std::uint64_t>(offset), segment.bytes);
  // Begins before the start: bytes of an earlier exchange, or a repeat that reaches into it.
  const auto before = static_cast<std::size_t>(-static_cast<std::int64_t>(offset));
  if (before >= segment.bytes.size()) return true;
  return stream.bytes.add(0, ByteSpan(segment.bytes).subspan(before));
}

bool StreamStarts::decide(const FlowKey& key, Open& stream, bool final) {
  const auto prefix = stream.bytes.prefix();
  if (prefix.empty()) return false;
  // What is missing will not come: the capture left it out.
  final = final || (stream.hole && *stream.hole <= stream.bytes.end());
  const auto tls = parse_client_hello(prefix);
  if (tls.state == ParseState::kMalformed) {
    ++counters_.malformed_tls;
    return told(key, stream, std::nullopt), true;
  }
  const bool tls_begun = tls.state == ParseState::kNeedMore && !tls.hello.ciphers.empty();
  if (tls.state == ParseState::kFound || (final && tls_begun)) {
    describe(stream.hello, tls.hello, tls.cut || tls.state == ParseState::kNeedMore);
    ++counters_.tls;
    return told(key, stream, HelloKind::kTls), true;
  }
  if (tls.state == ParseState::kNeedMore && !final) return false;
  auto http = parse_http_host(prefix);
  const bool http_begun = http.state == ParseState::kNeedMore && begins_request(prefix);
  if (http.state == ParseState::kFound || (final && http_begun)) {
    stream.hello.kind = HelloKind::kHttp;
    stream.hello.host = std::move(http.host);
    stream.hello.cut = http.cut || http.state == ParseState::kNeedMore;
    ++counters_.http;
    return told(key, stream, HelloKind::kHttp), true;
  }
  if (http.state == ParseState::kNeedMore && !final) return false;
  ++counters_.other;
  return told(key, stream, std::nullopt), true;
}

void StreamStarts::told(const FlowKey& key, const Open& stream, std::optional<HelloKind> kind) {
  auto& decided = decided_.get(key, [](const FlowKey&, const Decided&) {});
  const bool again = kind == HelloKind::kHttp ? decided.http : kind && decided.tls;
  decided.last = stream.last;
  if (!decided.tls && !decided.http) decided.base = *stream.base;
  decided.tls = decided.tls || kind == HelloKind::kTls;
  decided.http = decided.http || kind == HelloKind::kHttp;
  auto hello = stream.hello;
  open_.erase(key);
  if (kind && !again) sink_(std::move(hello));
}

void StreamStarts::tick(WallNs now) {
  const auto silent_since = [now](WallNs last, std::uint64_t wait) {
    return now - last > static_cast<WallNs>(wait);
  };
  while (!open_.empty() && silent_since(open_.oldest().last, limits::kStreamStartWaitNs)) {
    const FlowKey key = open_.oldest_key();
    Open& stream = open_.oldest();
    held_bytes_ -= held(stream);
    ++counters_.timed_out;
    if (!stream.base || !decide(key, stream, true)) open_.erase(key);
  }
  while (!decided_.empty() && silent_since(decided_.oldest().last, limits::kStreamDecidedNs))
    decided_.erase(FlowKey(decided_.oldest_key()));
}

void StreamStarts::make_room() {
  while (held_bytes_ > limits::kStreamStartsBytesMax && !open_.empty()) {
    held_bytes_ -= held(open_.oldest());
    ++counters_.evicted;
    open_.erase(FlowKey(open_.oldest_key()));
  }
}

}  // namespace tocsin
