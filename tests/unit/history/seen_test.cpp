// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/seen.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "test.hpp"

using namespace tocsin;

TEST_CASE("names are kept with their labels reversed", "[history]") {
  CHECK(reversed_labels("www.officeaddons.com") == "com.officeaddons.www");
  CHECK(reversed_labels("com") == "com");
  CHECK(reversed_labels("").empty());
  CHECK(reversed_labels(reversed_labels("a.b.c.d")) == "a.b.c.d");
}

TEST_CASE("a domain and its subdomains are one range", "[history]") {
  const auto range = subdomains_of("evil.com");
  const auto inside = [&](const std::string& name) {
    const auto value = reversed_labels(name);
    return value >= range.from && value < range.to;
  };
  CHECK(inside("evil.com"));
  CHECK(inside("www.evil.com"));
  CHECK(inside("a.b.evil.com"));
  CHECK_FALSE(inside("com"));
  CHECK_FALSE(inside("evil0.com"));
  CHECK_FALSE(inside("notevil.com"));
  CHECK_FALSE(inside("evil.com.example"));
}

TEST_CASE("destinations sort by network", "[history]") {
  const auto value = [](const char* address, std::uint16_t port) {
    return to_value(SeenDestination{*IpAddress::parse(address), port, 6});
  };
  for (const auto* address : {"192.0.2.7", "2001:db8::7463", "255.255.255.255", "::"}) {
    const auto back = destination_of(value(address, 443));
    REQUIRE(back);
    CHECK(back->address == *IpAddress::parse(address));
    CHECK(back->port == 443);
    CHECK(back->protocol == 6);
  }
  std::vector<std::string> values = {value("10.1.0.0", 1), value("10.0.255.255", 65535),
                                     value("10.0.0.1", 80), value("10.0.0.1", 443)};
  std::ranges::sort(values);
  CHECK(values == std::vector<std::string>{value("10.0.0.1", 80), value("10.0.0.1", 443),
                                           value("10.0.255.255", 65535), value("10.1.0.0", 1)});
  CHECK_FALSE(destination_of("short"));
}
