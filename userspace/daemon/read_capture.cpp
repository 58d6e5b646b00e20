// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/read_capture.hpp"

#include <fmt/format.h>

namespace tocsin {
namespace {

constexpr std::uint64_t kFramesPerLook = 1024;

std::uint64_t malformed_messages(const PacketNamesCounters& names) {
  return names.dns_damaged + names.dns_faults[static_cast<std::size_t>(DnsFault::kBadName)] +
         names.dns_faults[static_cast<std::size_t>(DnsFault::kShort)] +
         names.streams.malformed_tls + names.quic.malformed;
}

}  // namespace

std::uint64_t CaptureSummary::faults() const {
  return by_fault[static_cast<std::size_t>(LayerFault::kMalformed)] + incomplete +
         malformed_messages(names) + (damage.empty() ? 0 : 1);
}

std::string CaptureSummary::to_string() const {
  auto out = fmt::format("{} packets, {} of TCP or UDP", frames, used);
  for (std::size_t i = 0; i < by_fault.size(); ++i)
    if (by_fault[i] != 0)
      out += fmt::format(", {} {}", by_fault[i], tocsin::to_string(static_cast<LayerFault>(i)));
  if (incomplete != 0) out += fmt::format(", {} incomplete in fragments", incomplete);
  out += fmt::format("; {} DNS messages, {} TLS, {} QUIC and {} HTTP hellos, {} malformed",
                     names.dns, names.streams.tls, names.quic.hellos, names.streams.http,
                     malformed_messages(names));
  return out;
}

Result<CaptureSummary> read_capture(const std::string& path, CaptureEvents::Sink sink,
                                    const CaptureGoesOn& go_on) {
  TOCSIN_TRY(auto reader, PcapReader::open(path));
  return read_capture(std::move(reader), std::move(sink), go_on);
}

Result<CaptureSummary> read_capture(PcapReader reader, CaptureEvents::Sink sink,
                                    const CaptureGoesOn& go_on) {
  if (!PacketLayers::supports(reader.link_type()))
    return fail(ErrorCode::kUnsupported,
                fmt::format("packets of link type {} are not read", reader.link_type()));
  TOCSIN_TRY(const auto events, CaptureEvents::create(std::move(sink)));
  PacketLayers layers(reader.link_type());
  CaptureSummary out;
  while (true) {
    const auto frame = reader.next();
    if (!frame) out.damage = frame.error().message;
    if (!frame || !*frame) break;
    ++out.frames;
    if (go_on && out.frames % kFramesPerLook == 0 && !go_on(reader.bytes())) break;
    const auto packet = layers.parse(**frame);
    if (packet) {
      ++out.used;
      events->on_packet(*packet);
    } else {
      ++out.by_fault[static_cast<std::size_t>(packet.error())];
    }
  }
  events->finish();
  out.incomplete = layers.fragments().incomplete() + layers.fragments().waiting();
  out.names = events->names();
  return out;
}

}  // namespace tocsin
