// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/ip_fragments.hpp"

namespace tocsin {

std::size_t IpFragments::KeyHash::operator()(const Key& key) const {
  return key.source.hash() ^ (key.destination.hash() * 3) ^ (std::size_t{key.id} << 8) ^
         key.protocol;
}

std::optional<IpFragments::Packet> IpFragments::add(const IpFragment& fragment) {
  while (!packets_.empty() && fragment.time_ns - packets_.oldest().first_ns >
                                  static_cast<WallNs>(limits::kIpFragmentWaitNs)) {
    packets_.erase(Key(packets_.oldest_key()));
    ++incomplete_;
  }
  const Key key{fragment.source, fragment.destination, fragment.id, fragment.protocol};
  Waiting& packet = packets_.get(key, [this](const Key&, const Waiting&) { ++incomplete_; });
  if (packet.first_ns == 0) packet.first_ns = fragment.time_ns;
  const std::size_t end = std::size_t{fragment.offset} + fragment.bytes.size();
  const bool contradicts =
      end > limits::kIpPacketBytesMax || (packet.size && end > *packet.size) ||
      (fragment.last && (packet.bytes.end() > end || (packet.size && *packet.size != end)));
  if (contradicts || !packet.bytes.add(fragment.offset, fragment.bytes)) {
    packets_.erase(key);
    ++incomplete_;
    return std::nullopt;
  }
  if (fragment.last) packet.size = end;
  if (!packet.size || packet.bytes.end() < *packet.size) return std::nullopt;
  const auto whole = packet.bytes.prefix().first(*packet.size);
  Packet out{fragment.protocol, {whole.begin(), whole.end()}};
  packets_.erase(key);
  return out;
}

}  // namespace tocsin
