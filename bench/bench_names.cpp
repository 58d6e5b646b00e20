// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What reading a name out of a packet costs: nanoseconds of CPU per message, parser alone and by
// way of the whole stage. Baseline for DNS: ldns reading the same bytes in the same run.
#include <ldns/ldns.h>
#include <time.h>

// ldns makes numbers of them, which <optional> does not compile with.
#undef true
#undef false

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "names/client_hello.hpp"
#include "names/dns_message.hpp"
#include "names/http_host.hpp"
#include "names/ja4.hpp"
#include "names/packet_names.hpp"
#include "support/name_packets.hpp"
#include "support/quic_builder.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr int kRounds = 15;
constexpr double kRoundNs = 20e6;

double thread_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

// Median over rounds of the CPU time of one call.
double ns_per_call(const std::function<void()>& call) {
  std::size_t repeat = 1;
  for (double took = 0; took < kRoundNs / 4; repeat *= 2) {
    const double start = thread_ns();
    for (std::size_t i = 0; i < repeat; ++i) call();
    took = thread_ns() - start;
  }
  std::vector<double> rounds;
  for (int r = 0; r < kRounds; ++r) {
    const double start = thread_ns();
    for (std::size_t i = 0; i < repeat; ++i) call();
    rounds.push_back((thread_ns() - start) / static_cast<double>(repeat));
  }
  std::ranges::sort(rounds);
  return rounds[rounds.size() / 2];
}

void need(bool done) {
  if (!done) std::abort();
}

void bench_dns(const char* what, const Bytes& message) {
  const double ours = ns_per_call([&] { need(parse_dns_message(message).has_value()); });
  const double theirs = ns_per_call([&] {
    ldns_pkt* packet = nullptr;
    need(ldns_wire2pkt(&packet, reinterpret_cast<const std::uint8_t*>(message.data()),
                       message.size()) == LDNS_STATUS_OK);
    ldns_pkt_free(packet);
  });
  fmt::print("{:<44} {:>8.0f} ns   ldns {:>7.0f} ns, ratio {:.2f}\n", what, ours, theirs,
             ours / theirs);
}

void bench(const char* what, const std::function<void()>& call) {
  fmt::print("{:<44} {:>8.0f} ns\n", what, ns_per_call(call));
}

// Every packet on a socket of its own, as short connections are.
void bench_stage(const char* what, PacketKind kind, const Bytes& payload) {
  std::size_t events = 0, packets = 0;
  auto names = *PacketNames::create({.on_dns = [&](const DnsEvent&) { ++events; },
                                     .on_hello = [&](const HelloEvent&) { ++events; }});
  auto one = packet(kind, payload);
  bench(what, [&] {
    one.cookie = ++packets;
    names.on_packet(one);
  });
  need(events == packets);
}

Bytes answer_of_four() {
  DnsBuilder answer("www.example.com");
  for (int i = 1; i <= 4; ++i) answer.answer(1, Bytes(4, static_cast<std::byte>(i)));
  return answer.opt(1232, 0).bytes();
}

Bytes alias_chain() {
  DnsBuilder answer("www.example.com");
  answer.answer(5, dns_name("www.example.com.edge.cdn.example"));
  answer.answer_of(dns_name("www.example.com.edge.cdn.example"), 5, dns_name("e7.cdn.example"));
  answer.answer_of(dns_name("e7.cdn.example"), 5, dns_name("pool.cdn.example"));
  answer.answer_of(dns_name("pool.cdn.example"), 1, Bytes(4, std::byte{7}));
  return answer.opt(1232, 0).bytes();
}

// Handshake and record headers included, padding makes up the size.
Bytes hello_of_size(std::size_t size) {
  const auto bare = tls_records(client_hello({.grease = true, .padding = 1})).size();
  return tls_records(client_hello({.grease = true, .padding = size - bare + 1}));
}

}  // namespace

int main() {
  const auto question = DnsBuilder("www.example.com", 1, false).opt(1232, 0).bytes();
  const auto four = answer_of_four();
  bench_dns("DNS question", question);
  bench_dns("DNS answer, 4 addresses", four);
  bench_dns("DNS answer, chain of 3 aliases", alias_chain());
  const auto small = hello_of_size(517), large = hello_of_size(1800);
  bench("ClientHello, 517 bytes",
        [&] { need(parse_client_hello(small).state == ParseState::kFound); });
  bench("ClientHello, 1,800 bytes",
        [&] { need(parse_client_hello(large).state == ParseState::kFound); });
  const auto hello = parse_client_hello(small).hello;
  bench("JA4", [&] { need(!ja4(hello, HelloTransport::kTcp).empty()); });
  const auto request = bytes_of(
      "GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/7.88.1\r\nAccept: "
      "*/*\r\n\r\n");
  bench("HTTP request", [&] { need(parse_http_host(request).state == ParseState::kFound); });
  const auto id = bytes_of_hex("8394c8f03e515708");
  auto frames = crypto_frame(0, client_hello({.padding = 100}));
  frames.resize(1162);
  const auto initial = seal_initial({.destination_id = id}, frames);
  auto crypto = QuicCrypto::create();
  const auto keys = crypto->client_keys(kQuicV1, id);
  bench("QUIC keys", [&] { need(crypto->client_keys(kQuicV1, id).has_value()); });
  bench("QUIC Initial, 1,200 bytes: opened",
        [&] { need(crypto->open(*keys, initial, 18).has_value()); });
  bench_stage("stage: DNS answer, 4 addresses", PacketKind::kDnsUdp, four);
  bench_stage("stage: TLS, 517 bytes, with JA4", PacketKind::kTcpStart, small);
  bench_stage("stage: TLS, 1,800 bytes, with JA4", PacketKind::kTcpStart, large);
  bench_stage("stage: HTTP request", PacketKind::kTcpStart, request);
  bench_stage("stage: QUIC, 1,200 bytes, with JA4", PacketKind::kQuic, initial);
}
