// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Packets that carry names: real programs ask real DNS servers, and every message arrives once,
// whole, with the process that asked.
#include <algorithm>
#include <filesystem>

#include "support/container.hpp"
#include "support/kernel.hpp"
#include "support/packets.hpp"
#include "support/two_hosts.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

#define TOCSIN_NEEDS_TWO_HOSTS()                                                                 \
  do {                                                                                           \
    TOCSIN_NEEDS_KERNEL();                                                                       \
    if (const std::string tocsin_why = TwoHosts::refusal(); !tocsin_why.empty()) {               \
      ::tocsin::test::print_skipped(Catch::getResultCapture().getCurrentTestName(), tocsin_why); \
      return;                                                                                    \
    }                                                                                            \
  } while (false)

constexpr const char* kRecords =
    "host-record=known.example,192.0.2.10,2001:db8:192::10\n"
    "cname=alias.example,known.example\n";

// 90 addresses: some 1,500 bytes of answer.
std::string big_records() {
  std::string lines;
  for (int i = 1; i <= 90; ++i)
    lines += "host-record=big.example,203.0.113." + std::to_string(i) + "\n";
  return lines;
}

struct Said {
  PacketEvent packet;
  DnsMessage dns;
};

struct Watch {
  TwoHosts net;
  CaptureWatch capture;

  // Every datagram of this process, parsed; fails the test on one that is not whole.
  std::vector<Said> dns_of(pid_t pid) {
    capture.read_for(Millis(60));
    std::vector<Said> out;
    for (const PacketEvent& p : packets_of(capture, PacketKind::kDnsUdp, pid)) {
      const auto dns = parse_dns(p.payload);
      REQUIRE(dns);
      CHECK(p.payload.size() == p.length);
      CHECK(dns->response == !p.outgoing);
      CHECK(p.cookie != 0);
      out.push_back({p, *dns});
    }
    CHECK(capture.undecodable() == 0);
    return out;
  }
};

// One question and its answer, in this order, and nothing else.
void check_exchange(const std::vector<Said>& said, const std::string& type,
                    const std::string& server, const Watch& watch) {
  REQUIRE(said.size() == 2);
  const auto& [question, asked] = said[0];
  const auto& [answer, told] = said[1];
  CHECK(question.outgoing);
  CHECK_FALSE(answer.outgoing);
  CHECK(asked.type == type);
  CHECK(told.id == asked.id);
  CHECK(told.question == asked.question);
  CHECK(question.cookie == answer.cookie);
  for (const auto* p : {&question, &answer}) {
    CHECK(p->remote.address == IpAddress::parse(server));
    CHECK(p->remote.port == 53);
    CHECK(p->local == question.local);
    CHECK(p->net_ns == watch.net.client_net_ns());
  }
}

}  // namespace

TEST_CASE("dig by UDP: question and answer, once each, by IPv4 and IPv6", "[names][vm][brief]") {
  TOCSIN_NEEDS_TWO_HOSTS();
  Watch watch;
  const auto dns = watch.net.start_dns(kRecords);
  for (const char* server : {TwoHosts::kServer, TwoHosts::kServer6})
    for (const auto& [type, data] :
         {std::pair<std::string, std::string>{"A", "192.0.2.10"}, {"AAAA", "2001:db8:192::10"}}) {
      INFO(server << " " << type);
      const auto dig = watch.net.on_client(
          {"dig", "+tries=1", std::string("@") + server, "known.example", type});
      REQUIRE(dig.end.out.find(data) != std::string::npos);
      const auto said = watch.dns_of(dig.pid);
      check_exchange(said, type, server, watch);
      CHECK(said[0].dns.question == "known.example.");
      CHECK(said[1].dns.answers == std::vector<std::string>{data});
    }
  // Nothing of the server's side: it neither asked nor opened a socket to anybody.
  CHECK(packets_of(watch.capture, PacketKind::kDnsUdp, dns->pid()).empty());
  CHECK(packets_of(watch.capture, PacketKind::kDnsUdp, 0).empty());
}

TEST_CASE("answers beyond 512 bytes arrive whole, by EDNS and by TCP after truncation", "[names]") {
  TOCSIN_NEEDS_TWO_HOSTS();
  Watch watch;
  const auto dns = watch.net.start_dns(big_records());
  const auto edns = watch.net.on_client(
      {"dig", "+bufsize=4096", std::string("@") + TwoHosts::kServer, "big.example", "A"});
  auto said = watch.dns_of(edns.pid);
  check_exchange(said, "A", TwoHosts::kServer, watch);
  CHECK(said[1].packet.length > 1'400);
  CHECK(said[1].dns.answers.size() == 90);

  const auto plain = watch.net.on_client(
      {"dig", "+noedns", std::string("@") + TwoHosts::kServer, "big.example", "A"});
  REQUIRE(plain.end.out.find("203.0.113.90") != std::string::npos);
  said = watch.dns_of(plain.pid);
  check_exchange(said, "A", TwoHosts::kServer, watch);
  CHECK(said[1].dns.truncated);
  const auto stream = packets_of(watch.capture, PacketKind::kDnsTcp, plain.pid);
  const auto asked = parse_dns(stream_of(stream, true), true);
  const auto told = parse_dns(stream_of(stream, false), true);
  REQUIRE(asked);
  REQUIRE(told);
  CHECK(asked->question == "big.example.");
  CHECK(told->answers.size() == 90);
}

TEST_CASE("DNS over TCP by IPv4 and IPv6: the first bytes of both directions", "[names]") {
  TOCSIN_NEEDS_TWO_HOSTS();
  Watch watch;
  const auto dns = watch.net.start_dns(kRecords);
  for (const char* server : {TwoHosts::kServer, TwoHosts::kServer6}) {
    INFO(server);
    const auto dig =
        watch.net.on_client({"dig", "+tcp", std::string("@") + server, "alias.example", "A"});
    watch.capture.read_for(Millis(60));
    const auto stream = packets_of(watch.capture, PacketKind::kDnsTcp, dig.pid);
    for (const PacketEvent& p : stream) CHECK(p.remote.address == IpAddress::parse(server));
    const auto asked = parse_dns(stream_of(stream, true), true);
    const auto told = parse_dns(stream_of(stream, false), true);
    REQUIRE(asked);
    REQUIRE(told);
    CHECK(asked->question == "alias.example.");
    CHECK(told->id == asked->id);
    CHECK(told->answers == std::vector<std::string>{"known.example.", "192.0.2.10"});
    CHECK(packets_of(watch.capture, PacketKind::kDnsUdp, dig.pid).empty());
    // A name server is no place for a hello.
    CHECK(packets_of(watch.capture, PacketKind::kTcpStart, dig.pid).empty());
  }
}

TEST_CASE("libc's resolver: both questions of one program, joined to it", "[names][vm]") {
  TOCSIN_NEEDS_TWO_HOSTS();
  Watch watch;
  const auto dns = watch.net.start_dns(kRecords);
  const auto getent = watch.net.on_client({"getent", "ahosts", "known.example"});
  REQUIRE(getent.end.out.find("192.0.2.10") != std::string::npos);
  const auto said = watch.dns_of(getent.pid);
  REQUIRE(said.size() == 4);
  std::vector<std::string> questions, answers;
  for (const auto& [packet, message] : said) {
    CHECK(message.question == "known.example.");
    (packet.outgoing ? questions : answers).push_back(message.type);
  }
  std::sort(questions.begin(), questions.end());
  std::sort(answers.begin(), answers.end());
  CHECK(questions == std::vector<std::string>{"A", "AAAA"});
  CHECK(answers == questions);
}

TEST_CASE("a stub on loopback: the question belongs to the program that asked", "[names]") {
  TOCSIN_NEEDS_TWO_HOSTS();
  Watch watch;
  const auto dns = watch.net.start_dns(kRecords);
  const auto stub = watch.net.start_stub("127.0.0.53");
  watch.net.resolve_by("127.0.0.53");
  const auto dig = watch.net.on_client({"dig", "+tries=1", "known.example", "A"});
  REQUIRE(dig.end.out.find("192.0.2.10") != std::string::npos);
  check_exchange(watch.dns_of(dig.pid), "A", "127.0.0.53", watch);
  // What the stub asks in its turn is its own.
  const auto forwarded = watch.dns_of(stub->pid());
  check_exchange(forwarded, "A", TwoHosts::kServer, watch);
  CHECK(forwarded[0].dns.question == "known.example.");
}

TEST_CASE("a static program with a resolver of its own is seen like any other", "[names]") {
  TOCSIN_NEEDS_TWO_HOSTS();
  Watch watch;
  const std::string source =
      watch.net.folder().write("resolve.c",
                               "#include <netdb.h>\n"
                               "int main(int argc, char** argv) {\n"
                               "  struct addrinfo* found;\n"
                               "  return argc != 2 || getaddrinfo(argv[1], \"1\", 0, &found);\n"
                               "}\n");
  const std::string program = watch.net.folder().file("resolve");
  const auto made = run_program({"musl-gcc", "-static", "-O1", "-o", program, source});
  if (made.exit_code != 0) return print_skipped("static resolver", "musl-gcc: " + made.err);
  const auto dns = watch.net.start_dns(kRecords);
  const auto ran = watch.net.on_client({program, "known.example"});
  REQUIRE(ran.end.exit_code == 0);
  auto said = watch.dns_of(ran.pid);  // A and AAAA from one socket without a connect
  REQUIRE(said.size() == 4);
  CHECK(said[0].packet.cookie == said[3].packet.cookie);

  if (!RuncBundle::available()) return print_skipped("resolver in a container", "runc is missing");
  RuncBundle bundle(watch.net.folder() / "bundle");
  std::filesystem::create_directories(bundle.root() / "etc");
  std::filesystem::copy(program, bundle.root() / "bin/resolve");
  write_file(bundle.root() / "etc/resolv.conf",
             std::string("nameserver ") + TwoHosts::kServer6 + "\n");
  bundle.join_network("/run/netns/" + watch.net.client_name());
  const Finished inside = bundle.run({"/bin/resolve", "known.example"});
  INFO(inside.err);
  REQUIRE(inside.exit_code == 0);
  const auto* exec = watch.capture.wait_for<ExecEvent>([](const ExecEvent& e) {
    return e.path == "/bin/resolve" && e.pid_ns != 0 && e.ns_pid == 1;
  });
  REQUIRE(exec);
  said = watch.dns_of(static_cast<pid_t>(exec->head.process.pid));
  REQUIRE(said.size() == 4);
  for (const auto& [packet, message] : said) {
    CHECK(packet.remote.address == IpAddress::parse(TwoHosts::kServer6));
    CHECK(packet.head.cgroup_id > 1);
    CHECK(message.question == "known.example.");
  }
}
