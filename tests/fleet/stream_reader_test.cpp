// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/stream_reader.hpp"

#include <string>
#include <vector>

#include "fleet/streams.hpp"
#include "support/fleet_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

TEST_CASE("a reader goes on behind the last message over broken connections", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a reader goes on behind the last message");
  constexpr std::uint64_t kMessages = 6'000;
  NatsLab lab({"web-1"});
  lab.init();
  auto loop = EventLoop::create().value();
  const auto subjects = Subjects::of_site("main").value();
  const auto web = connect(loop, host_options(lab, "web-1"));
  const auto centre = connect(loop, operator_options(lab));
  for (std::uint64_t n = 1; n <= kMessages; ++n)
    REQUIRE(web->publish(subjects.up("web-1", Kind::kAlert), std::string(1'000, 'x')));
  REQUIRE(web->flush(Millis(10'000)));
  REQUIRE(turn_until(
      loop, [&] { return last_sequence_of(*centre, kStreamAlerts).value_or(0) == kMessages; }));

  std::vector<std::uint64_t> read;
  const auto reader =
      StreamReader::start(*centre,
                          {.stream = kStreamAlerts, .subject = subjects.every(Kind::kAlert)},
                          [&](const Message& message) { read.push_back(message.sequence); })
          .value();
  // In the midst of what is on its way, and again.
  for (const std::size_t some : {500U, 2'500U}) {
    REQUIRE(turn_until(loop, [&] { return read.size() >= some; }));
    CHECK(!reader->caught_up());
    lab.kill(0);
    turn_until(
        loop, [] { return false; }, Millis(300));
    lab.start(0);
  }
  REQUIRE(turn_until(
      loop, [&] { return read.size() >= kMessages; }, Millis(60'000)));
  for (std::uint64_t n = 1; n <= kMessages; ++n) REQUIRE(read[n - 1] == n);
  CHECK(read.size() == kMessages);
  CHECK(turn_until(loop, [&] { return reader->caught_up(); }));
  // It knows that it has all, and that it knows nothing when nobody answers.
  const auto before = reader->sound_ns();
  CHECK(turn_until(loop, [&] { return reader->sound_ns() > before; }));
  lab.kill(0);
  turn_until(
      loop, [] { return false; }, Millis(1'500));
  const auto last = reader->sound_ns();
  turn_until(
      loop, [] { return false; }, Millis(5'000));
  CHECK(reader->sound_ns() == last);
}
