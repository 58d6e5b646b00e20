// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/parsed_lines.hpp"

#include <sstream>

#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("lines come parsed, in their order, with their numbers, and faults among them") {
  std::string text = "# a comment\n\n";
  for (int i = 0; i < 3'000; ++i)
    text += i % 100 == 7 ? "{broken\n"
                         : R"({"ts":1,"kind":"exit","pid":)" + std::to_string(i + 1) + "}\n";
  std::istringstream in(text);
  ParsedLines lines(in);
  std::uint32_t count = 0;
  for (auto batch = lines.next(); !batch.empty(); batch = lines.next())
    for (const auto& line : batch) {
      CHECK(line.number == count + 3);
      REQUIRE(line.event.has_value() == (count % 100 != 7));
      ++count;
      if (line.event) CHECK(std::get<ExitEvent>(*line.event).head.process.pid == count);
    }
  CHECK(count == 3'000);
  CHECK(lines.bytes() == text.size());
  CHECK(lines.next().empty());
}

TEST_CASE("a reader that goes early does not wait for the end, and an empty stream has one") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "{\"ts\":1,\"kind\":\"exit\"}\n";
  std::istringstream in(text), none("");
  {
    ParsedLines lines(in);
    CHECK_FALSE(lines.next().empty());
  }
  ParsedLines lines(none);
  CHECK(lines.next().empty());
}
