// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "signature/base64.hpp"

#include <vector>

#include "support/test.hpp"

using namespace tocsin;

namespace {

std::string encoded(std::string_view text) {
  return to_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

bool fits(std::string_view text, std::size_t bytes) {
  std::vector<std::uint8_t> out(bytes);
  return from_base64(text, out);
}

}  // namespace

TEST_CASE("base64 is that of RFC 4648", "[base64]") {
  // Section 10 of the RFC.
  CHECK(encoded("") == "");
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foobar") == "Zm9vYmFy");
  std::vector<std::uint8_t> out(6);
  REQUIRE(from_base64("Zm9vYmFy", out));
  CHECK(std::string(out.begin(), out.end()) == "foobar");
}

TEST_CASE("only one spelling of some bytes is taken", "[base64]") {
  CHECK(fits("Zg==", 1));
  CHECK_FALSE(fits("Zh==", 1));  // loose bits
  CHECK_FALSE(fits("Zg", 1));
  CHECK_FALSE(fits("Zg==", 2));
  CHECK_FALSE(fits("Zm8=\n", 2));
  CHECK_FALSE(fits(" Zm8", 2));
  CHECK_FALSE(fits("Z=8=", 2));
  CHECK_FALSE(fits("Zm9vYmFy", 5));
  CHECK_FALSE(fits("Zm-_YmFy", 6));
}
