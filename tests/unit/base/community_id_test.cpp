// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/community_id.hpp"

#include <string>

#include "support/test.hpp"

namespace tocsin {
namespace {

struct Published {
  int protocol;
  std::string source;
  int source_port;
  std::string destination;
  int destination_port;
  std::string id;
};

// Of baseline/baseline_deflt.json in github.com/corelight/community-id-spec at b1fe530 (seed 0).
const Published kPublished[] = {
    {6, "2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "2607:f8b0:400c:c03::1a", 25,
     "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
    {132, "192.168.170.8", 7, "192.168.170.56", 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
    {6, "128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {17, "192.168.1.52", 54585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
};

FlowTuple flow_of(const Published& p) {
  return {*IpAddress::parse(p.source), *IpAddress::parse(p.destination),
          static_cast<std::uint16_t>(p.source_port), static_cast<std::uint16_t>(p.destination_port),
          static_cast<std::uint8_t>(p.protocol)};
}

TEST_CASE("community ids are those that were published, in both directions", "[community_id]") {
  for (const auto& published : kPublished) {
    INFO(published.id);
    const auto flow = flow_of(published);
    CHECK(community_id(flow) == published.id);
    CHECK(community_id({flow.destination, flow.source, flow.destination_port, flow.source_port,
                        flow.protocol}) == published.id);
  }
}

TEST_CASE("the ports decide when the addresses are equal", "[community_id]") {
  const auto loopback = *IpAddress::parse("127.0.0.1");
  const auto there = community_id({loopback, loopback, 1234, 80, 6});
  CHECK(there == community_id({loopback, loopback, 80, 1234, 6}));
  CHECK(there != community_id({loopback, loopback, 1234, 81, 6}));
}

TEST_CASE("what is no flow with ports has no community id", "[community_id]") {
  const auto v4 = *IpAddress::parse("192.0.2.1");
  CHECK(community_id({v4, *IpAddress::parse("2001:db8::1"), 1, 2, 6}).empty());
  CHECK(community_id({v4, v4, 8, 0, 1}).empty());
}

}  // namespace
}  // namespace tocsin
