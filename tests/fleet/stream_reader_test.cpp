// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/stream_reader.hpp"

#include <malloc.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fleet/fleet_limits.hpp"
#include "fleet/store.hpp"
#include "fleet/streams.hpp"
#include "support/fleet_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

constexpr std::size_t kLong = 900'000;  // bytes of a message; four of them fill a request

// A lab with a connection of each host and the centre's.
struct ReaderLab {
  explicit ReaderLab(const std::vector<std::string>& names) : lab(names) {
    lab.init();
    for (const auto& name : names) hosts[name] = connect(loop, host_options(lab, name));
    centre = connect(loop, operator_options(lab));
  }
  void send(const std::string& host, Kind kind, const std::string& data) {
    const auto stored = store(*hosts.at(host), subjects.up(host, kind), data);
    if (!stored) throw std::runtime_error(stored.error().message);
  }
  ReadFrom beats() { return {.stream = kStreamBeats, .subject = subjects.every(Kind::kBeat)}; }
  ReadFrom alerts() { return {.stream = kStreamAlerts, .subject = subjects.every(Kind::kAlert)}; }
  [[nodiscard]] std::filesystem::path store_folder() const {
    return std::filesystem::path(lab.folder()).parent_path() / "server-0/store";
  }
  void wait_connected() {
    REQUIRE(turn_until(
        loop, [&] { return centre->connected() && hosts.begin()->second->connected(); },
        Millis(60'000)));
  }

  NatsLab lab;
  EventLoop loop = EventLoop::create().value();
  Subjects subjects = Subjects::of_site("main").value();
  std::map<std::string, std::unique_ptr<Connection>> hosts;
  std::unique_ptr<Connection> centre;
};

std::size_t heap_bytes() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

TEST_CASE("reading all passes over no host because hosts beat meanwhile", "[fleet]") {
  TOCSIN_NEEDS_BROKER("reading all passes over no host");
  ReaderLab all({"h-1", "h-2", "h-3", "h-4", "h-5", "h-6"});
  for (const auto& [name, host] : all.hosts) all.send(name, Kind::kBeat, std::string(kLong, 'x'));
  std::set<std::string> seen;
  REQUIRE(read_all(*all.centre, all.beats(), [&](const Message& beat) {
            // One that was read and one that was not: both move to the end.
            if (seen.empty()) {
              all.send("h-1", Kind::kBeat, "again");
              all.send("h-6", Kind::kBeat, "again");
            }
            seen.insert(beat.subject);
            return true;
          }).has_value());
  CHECK(seen.size() == 6);

  // And it ends, though a host never rests.
  int visits = 0;
  REQUIRE(read_all(*all.centre, all.beats(), [&](const Message&) {
            all.send("h-2", Kind::kBeat, "again");
            return ++visits < 1'000;
          }).has_value());
  CHECK(visits >= 6);
  CHECK(visits < 100);
}

TEST_CASE("what is read ahead of a busy loop is bounded in bytes", "[fleet]") {
  TOCSIN_NEEDS_BROKER("what is read ahead of a busy loop is bounded in bytes");
  constexpr std::size_t kMessages = 80;
  ReaderLab all({"web-1"});
  for (std::size_t i = 0; i < kMessages; ++i)
    all.send("web-1", Kind::kAlert, std::string(kLong, 'x'));
  const auto before = heap_bytes();
  std::vector<std::uint64_t> read;
  const auto reader = StreamReader::start(*all.centre, all.alerts(), [&](const Message& message) {
                        read.push_back(message.sequence);
                      }).value();
  // The loop does not turn.
  constexpr auto kFull = limits::kReadAheadBytesMax - 2 * kLong;
  for (int i = 0; i < 1'000 && reader->waiting_bytes() < kFull; ++i)
    std::this_thread::sleep_for(Millis(10));
  std::this_thread::sleep_for(Millis(1'000));
  CHECK(reader->waiting_bytes() >= kFull);
  CHECK(reader->waiting_bytes() <= limits::kReadAheadBytesMax);
  CHECK(heap_bytes() < before + limits::kReadAheadBytesMax + 3 * limits::kFetchBytesMax);
  REQUIRE(turn_until(
      all.loop, [&] { return read.size() >= kMessages; }, Millis(30'000)));
  for (std::size_t i = 0; i < kMessages; ++i) REQUIRE(read[i] == i + 1);
  CHECK(reader->waiting_bytes() == 0);
}

TEST_CASE("what the broker dropped before it was read is counted", "[fleet]") {
  TOCSIN_NEEDS_BROKER("what the broker dropped before it was read is counted");
  ReaderLab all({"web-1"});
  for (int i = 0; i < 3; ++i) all.send("web-1", Kind::kBeat, "beat");
  auto from = all.beats();
  from.sequence = 1;
  std::vector<StreamBreak> breaks;
  std::uint64_t read = 0;
  const auto reader = StreamReader::start(
                          *all.centre, from, [&](const Message& m) { read = m.sequence; },
                          [&](const StreamBreak& b) { breaks.push_back(b); })
                          .value();
  REQUIRE(turn_until(all.loop, [&] { return read == 3; }));
  REQUIRE(breaks.size() == 1);
  CHECK(breaks[0].lost == 2);
  CHECK(!breaks[0].begins_anew);
}

TEST_CASE("a reader begins anew when its stream lost its end or was made anew", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a reader begins anew");
  ReaderLab all({"web-1"});
  const auto send = [&](const std::string& text) { all.send("web-1", Kind::kAlert, text); };
  std::vector<std::string> read;
  std::vector<StreamBreak> breaks;
  const auto reader =
      StreamReader::start(
          *all.centre, all.alerts(), [&](const Message& m) { read.push_back(m.data); },
          [&](const StreamBreak& b) { breaks.push_back(b); })
          .value();
  const auto until_read = [&](const std::string& text) {
    return turn_until(
        all.loop, [&] { return !read.empty() && read.back() == text; }, Millis(60'000));
  };
  send("1");
  all.lab.kill(0);
  const auto kept = all.store_folder().parent_path() / "kept";
  std::filesystem::copy(all.store_folder(), kept, std::filesystem::copy_options::recursive);
  all.lab.start(0);
  all.wait_connected();
  for (const char* text : {"2", "3", "4"}) send(text);
  REQUIRE(until_read("4"));
  CHECK(read.size() == 4);
  CHECK(breaks.empty());

  // As after a power cut at the broker: what it had not synced is gone.
  all.lab.kill(0);
  std::filesystem::remove_all(all.store_folder());
  std::filesystem::rename(kept, all.store_folder());
  all.lab.start(0);
  all.wait_connected();
  send("5");
  REQUIRE(until_read("5"));
  CHECK(read == std::vector<std::string>{"1", "2", "3", "4", "1", "5"});
  REQUIRE(breaks.size() == 1);
  CHECK(breaks[0].begins_anew);

  read.clear();
  all.lab.kill(0);
  std::filesystem::remove_all(all.store_folder());
  all.lab.start(0);
  all.lab.init();
  all.wait_connected();
  for (const char* text : {"6", "7", "8", "9"}) send(text);
  REQUIRE(until_read("9"));
  CHECK(read == std::vector<std::string>{"6", "7", "8", "9"});
  REQUIRE(breaks.size() == 2);
  CHECK(breaks[1].begins_anew);
}

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
