// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/packets.hpp"

#include <ldns/ldns.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

namespace tocsin::test {
namespace {

std::string freed(char* text) {
  const std::unique_ptr<char, decltype(&std::free)> owned(text, std::free);
  return text ? std::string(text) : std::string();
}

}  // namespace

std::optional<DnsMessage> parse_dns(std::span<const std::byte> bytes, bool stream) {
  if (stream) {
    if (bytes.size() < 2) return std::nullopt;
    const std::size_t length =
        std::to_integer<std::size_t>(bytes[0]) << 8 | std::to_integer<std::size_t>(bytes[1]);
    if (bytes.size() < 2 + length) return std::nullopt;
    bytes = bytes.subspan(2, length);
  }
  ldns_pkt* raw = nullptr;
  if (ldns_wire2pkt(&raw, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) !=
      LDNS_STATUS_OK)
    return std::nullopt;
  const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet(raw, ldns_pkt_free);
  DnsMessage out{
      .response = ldns_pkt_qr(raw), .truncated = ldns_pkt_tc(raw), .id = ldns_pkt_id(raw)};
  if (ldns_rr_list_rr_count(ldns_pkt_question(raw)) > 0) {
    const ldns_rr* question = ldns_rr_list_rr(ldns_pkt_question(raw), 0);
    out.question = freed(ldns_rdf2str(ldns_rr_owner(question)));
    out.type = freed(ldns_rr_type2str(ldns_rr_get_type(question)));
  }
  const ldns_rr_list* answers = ldns_pkt_answer(raw);
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(answers); ++i)
    out.answers.push_back(freed(ldns_rdf2str(ldns_rr_rdf(ldns_rr_list_rr(answers, i), 0))));
  return out;
}

std::vector<PacketEvent> packets_of(const CaptureWatch& watch, PacketKind kind, pid_t pid) {
  std::vector<PacketEvent> out;
  for (const Event& event : watch.events())
    if (const auto* p = std::get_if<PacketEvent>(&event);
        p && p->kind == kind && p->head.process.pid == static_cast<std::uint32_t>(pid))
      out.push_back(*p);
  return out;
}

std::vector<std::byte> stream_of(const std::vector<PacketEvent>& packets, bool outgoing) {
  std::map<std::uint32_t, const PacketEvent*> by_offset;
  const auto first = std::find_if(packets.begin(), packets.end(), [&](const PacketEvent& p) {
    return p.outgoing == outgoing && p.tcp_first;
  });
  if (first == packets.end()) return {};
  for (const PacketEvent& p : packets)
    if (p.outgoing == outgoing) by_offset.emplace(p.tcp_seq - first->tcp_seq, &p);
  std::vector<std::byte> out;
  for (const auto& [offset, p] : by_offset) {
    if (offset != out.size()) break;
    out.insert(out.end(), p->payload.begin(), p->payload.end());
    if (p->payload.size() < p->length) break;
  }
  return out;
}

bool contains(std::span<const std::byte> bytes, std::string_view text) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find(text) !=
         std::string_view::npos;
}

}  // namespace tocsin::test
