// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <pcap/dlt.h>

#include <nlohmann/json.hpp>

#include "capture/packet_layers.hpp"
#include "daemon/replay.hpp"
#include "support/frames.hpp"
#include "support/name_packets.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
using Json = nlohmann::json;

namespace {

constexpr WallNs kStart = 1'700'000'000'000'000'000;
const Path kDns = path("10.0.0.1", 5353, "10.0.0.53", 53);
const Path kWeb = path("10.0.0.1", 40'000, "198.51.100.7", 443);
const Path kLater = path("10.0.0.2", 40'000, "198.51.100.7", 8443);

// A name is resolved and said in a hello; a second host contacts the address and says nothing.
std::string capture(const TempDir& dir, bool asked = true) {
  const auto hello = tls_records(client_hello({.host = "www.listed.example"}));
  std::vector<TimedFrame> frames;
  for (const auto& packet :
       {udp_packet(kDns, DnsBuilder("www.listed.example", 1, false).bytes()),
        udp_packet(kDns.back(),
                   DnsBuilder("www.listed.example").answer(1, bytes_of_hex("c6336407")).bytes()),
        tcp_packet(kWeb, 99, kTcpSyn), tcp_packet(kWeb.back(), 7, kTcpSyn | kTcpAck),
        tcp_packet(kWeb, 100, kTcpAck, hello), tcp_packet(kLater, 5, kTcpSyn),
        tcp_packet(kLater.back(), 0, kTcpRst | kTcpAck)})
    frames.push_back({kStart + static_cast<WallNs>(frames.size()) * 1'000'000, packet});
  if (!asked) frames.erase(frames.begin());
  write_pcap(dir.file("x.pcap"), DLT_RAW, frames);
  return dir.file("x.pcap");
}

struct Printed {
  std::vector<Json> lines;
  ReplayReport report;
};

Printed replay(ReplayOptions options) {
  Printed out;
  options.json = true;
  options.out = [&](const std::string& line) { out.lines.push_back(Json::parse(line)); };
  options.complain = [](const std::string& text) { FAIL(text); };
  const auto report = run_replay(options);
  if (!report) FAIL(report.error().message);
  out.report = *report;
  return out;
}

ReplayOptions options_for(const TempDir& dir) {
  ReplayOptions options;
  options.file = capture(dir);
  options.indicators = {dir.write("x.ioc",
                                  "# set: x\n# campaign: x\n# source: x\n"
                                  "# severity: high\ndomain,listed.example\n")};
  return options;
}

}  // namespace

TEST_CASE("a capture file is replayed as event lines with names attached") {
  const TempDir dir;
  const auto out = replay(options_for(dir));
  std::vector<std::string> kinds;
  for (const auto& line : out.lines) kinds.push_back(line.at("kind"));
  CHECK(kinds == std::vector<std::string>{"connect", "dns", "dns", "connect", "tls", "connect"});
  CHECK(out.lines[0].at("addr") == "10.0.0.53");
  CHECK(out.lines[2].at("answers").at(0).at("data") == "198.51.100.7");
  const auto& web = out.lines[3];
  CHECK(web.at("host") == "www.listed.example");
  CHECK(web.at("host_source") == "tls-sni");
  CHECK(web.at("result") == "ok");
  CHECK(web.at("local_addr") == "10.0.0.1");
  const auto& later = out.lines[5];
  CHECK(later.at("host") == "www.listed.example");  // from what was seen before
  CHECK(later.at("result") == "refused");
  CHECK(later.at("local_addr") == "10.0.0.2");
  CHECK(out.report.faults == 0);
  CHECK(out.report.capture.find("7 packets") == 0);
}

TEST_CASE("given indicators, a capture file is replayed as alerts") {
  const TempDir dir;
  auto options = options_for(dir);
  options.indicators_given = true;
  const auto out = replay(options);
  REQUIRE(out.lines.size() >= 2);
  CHECK(out.report.alerts == out.lines.size());
  CHECK(out.lines[0].dump().find("listed.example") != std::string::npos);
  // A capture knows no process, and the alert invents none.
  for (const auto& alert : out.lines) CHECK_FALSE(alert.contains("process"));
  options.print = ReplayPrint::kEvents;
  CHECK(replay(options).lines.at(0).at("kind") == "connect");
}

TEST_CASE("an answer that nobody asked for is not believed") {
  const TempDir dir;
  auto options = options_for(dir);
  options.file = capture(dir, /*asked=*/false);
  options.indicators_given = true;
  for (const auto& alert : replay(options).lines)
    CHECK(alert.dump().find("dns-answer") == std::string::npos);
  options.print = ReplayPrint::kEvents;
  const auto events = replay(options).lines;
  CHECK(events.at(0).at("kind") == "dns");
  CHECK(events.at(1).at("kind") == "connect");
  CHECK(events.at(1).value("host_source", "") != "own-dns");
}
