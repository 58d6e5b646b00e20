// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/hello_event.hpp"

namespace tocsin {

HelloEvent hello_of(const PacketEvent& packet) {
  HelloEvent event;
  event.head = packet.head;
  event.kind = packet.kind == PacketKind::kQuic ? HelloKind::kQuic : HelloKind::kTls;
  event.local = packet.local;
  event.remote = packet.remote;
  event.cookie = packet.cookie;
  event.net_ns = packet.net_ns;
  return event;
}

void describe(HelloEvent& event, const ClientHello& hello, bool cut) {
  const bool quic = event.kind == HelloKind::kQuic;
  event.host = hello.host;
  event.encrypted_name = hello.encrypted_name;
  event.cut = cut;
  event.alpn = hello.alpn;
  if (!cut) event.ja4 = ja4(hello, quic ? HelloTransport::kQuic : HelloTransport::kTcp);
}

}  // namespace tocsin
