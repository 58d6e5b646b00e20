// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/host_addresses.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

TEST_CASE("local addresses are read from the kernel's routes, and no other", "[respond]") {
  const auto found = parse_fib_trie(
      "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n"
      "     +-- 192.0.2.0/24 2 0 2\n        |-- 192.0.2.0\n           /24 link UNICAST\n"
      "        |-- 192.0.2.7\n           /32 host LOCAL\n"
      "        |-- 192.0.2.255\n           /32 link BROADCAST\n");
  CHECK(found == std::set{IpAddress::parse("192.0.2.7").value()});
  CHECK(parse_fib_trie("/32 host LOCAL\n|-- x\n/32 host LOCAL").empty());
}

TEST_CASE("IPv6 addresses are read from if_inet6", "[respond]") {
  const auto found = parse_if_inet6(
      "00000000000000000000000000000001 01 80 10 80       lo\n"
      "20010db8000000000000000000000007 02 40 00 80     eth0\nnonsense\n");
  CHECK(found ==
        std::set{IpAddress::parse("::1").value(), IpAddress::parse("2001:db8::7").value()});
}

TEST_CASE("this process's own addresses are all found", "[respond]") {
  const auto found = host_addresses("/proc/self/net");
  ifaddrs* list = nullptr;
  REQUIRE(getifaddrs(&list) == 0);
  for (const auto* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET) continue;
    const auto& ip = reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr;
    const auto address = IpAddress::v4(
        std::span<const std::uint8_t, 4>(reinterpret_cast<const std::uint8_t*>(&ip), 4));
    INFO(address.to_string());
    CHECK(found.contains(address));
  }
  freeifaddrs(list);
}

TEST_CASE("name servers are read from resolv.conf, and behind a stub from resolved", "[respond]") {
  const test::TempDir dir;
  std::filesystem::create_directories(dir / "run/systemd/resolve");
  test::write_file(dir / "resolv.conf", "# x\nnameserver 127.0.0.53\noptions edns0\n");
  test::write_file(dir / "run/systemd/resolve/resolv.conf",
                   "nameserver 192.0.2.53\nnameserver fe80::1%eth0\nnameserver\n");
  CHECK(name_servers(dir.path(), dir / "run") == std::set{IpAddress::parse("127.0.0.53").value(),
                                                          IpAddress::parse("192.0.2.53").value(),
                                                          IpAddress::parse("fe80::1").value()});
  CHECK(name_servers(dir / "none", dir / "none").empty());
}

}  // namespace
}  // namespace tocsin
