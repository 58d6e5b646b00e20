// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/state_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>

#include "base/sha256_of.hpp"
#include "base/write_file.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kStart = 1'700'000'000 * kNsPerSecond;
constexpr WallNs kMinute = 60 * kNsPerSecond;

struct State {
  BeaconTable table{BeaconOptions{}};
  KnownPrograms programs;

  void contact(const BeaconSubject& subject, int minute, const std::string& destination) {
    const auto filed = table.file({.time_ns = kStart + minute * kMinute,
                                   .subject = subject,
                                   .container = minute % 2 == 0 ? "" : "abc",
                                   .destination = destination,
                                   .port = 443,
                                   .failed = minute % 3 == 0});
    if (minute % 4 == 0) table.key(filed.key).timing.on_size(512);
    const auto now = kStart + minute * kMinute;
    table.cross(filed.key, table.assess(filed.key, now), now);
  }
  std::string rows() {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < table.slots(); ++i) {
      const auto slot = static_cast<BeaconTable::Slot>(i);
      const auto& key = table.key(slot);
      if (!key.has(BeaconKey::kUsed)) continue;
      std::string row;
      JsonWriter w(row);
      write_beacon(w, table.finding(slot, table.assess(slot, key.timing.last_ns())));
      rows.push_back(std::move(row));
    }
    std::ranges::sort(rows);
    std::string all;
    for (const auto& row : rows) all += row + '\n';
    return all;
  }
};

BeaconSubject implant() {
  BeaconSubject out;
  out.id = sha256_of("implant");
  out.kind = SubjectKind::kScript;
  out.path = "/home/u/.config/x.py";
  out.image.add(Evidence::kUnowned).add(Evidence::kHiddenInHome).add(Evidence::kMemoryOrDeleted);
  out.appeared_ns = out.known_ns = kStart;
  return out;
}

void fill(State& state, int from, int until) {
  state.programs.begin_coverage(kStart - 86'400 * kNsPerSecond);
  const auto subject = implant();
  state.programs.see({.id = subject.id, .container = "", .path = subject.path, .now_ns = kStart});
  for (int minute = from; minute < until; minute += 2) {
    state.contact(subject, minute, "c2.example");
    state.contact(subject, minute + 1, fmt::format("d{}.example", minute % 7));
  }
}

}  // namespace

TEST_CASE("state goes on after a restart as if there had been none") {
  State whole, first, second;
  fill(whole, 0, 120);
  fill(first, 0, 60);
  const auto saved = encode_beacon_state(first.table, first.programs);
  const auto loaded = decode_beacon_state(saved, second.table, second.programs);
  REQUIRE(loaded);
  CHECK(loaded->keys == first.table.size());
  CHECK(loaded->programs == 1);
  CHECK(second.rows() == first.rows());
  fill(second, 60, 120);
  CHECK(second.rows() == whole.rows());
  CHECK(second.programs.coverage().since_ns == whole.programs.coverage().since_ns);
  CHECK(second.rows().find(R"("verdict":"notice")") != std::string::npos);
}

TEST_CASE("what was saved twice is the same bytes") {
  State state, again;
  fill(state, 0, 60);
  const auto saved = encode_beacon_state(state.table, state.programs);
  REQUIRE(decode_beacon_state(saved, again.table, again.programs));
  CHECK(encode_beacon_state(again.table, again.programs) == saved);
}

TEST_CASE("damage of any byte is seen, and so is any cut") {
  State state;
  fill(state, 0, 20);
  const auto saved = encode_beacon_state(state.table, state.programs);
  const auto seen = [](ByteSpan bytes) {
    State other;
    const auto loaded = decode_beacon_state(bytes, other.table, other.programs);
    return !loaded || !loaded->damage.empty();
  };
  CHECK_FALSE(seen(saved));
  for (std::size_t i = 0; i < saved.size(); i += 1 + saved.size() / 500) {
    auto damaged = saved;
    damaged[i] ^= std::byte{0x10};
    CHECK(seen(damaged));
    CHECK(seen(ByteSpan(saved).first(i)));
  }
}

TEST_CASE("of a damaged file all that is whole is used, and what is lost is told") {
  State state;
  state.programs.begin_coverage(kStart);
  const auto subject = implant();
  for (int i = 0; i < 1'000; ++i)
    state.contact(subject, 2 * i, fmt::format("d{}.example", i % 250));
  auto other = implant();
  other.id = sha256_of("other");
  for (int i = 0; i < 1'000; ++i) state.contact(other, 2 * i, fmt::format("e{}.example", i % 250));
  const auto saved = encode_beacon_state(state.table, state.programs);
  const auto keys = state.table.size();
  REQUIRE(keys > 2 * 200);

  State cut;
  const auto half =
      decode_beacon_state(ByteSpan(saved).first(saved.size() - 30'000), cut.table, cut.programs);
  REQUIRE(half);
  CHECK(half->keys == 256);
  CHECK(half->damage.find("keys from 256 on are lost") != std::string::npos);

  auto damaged = saved;
  damaged[saved.size() / 4] ^= std::byte{1};
  State rest;
  const auto loaded = decode_beacon_state(damaged, rest.table, rest.programs);
  REQUIRE(loaded);
  CHECK(loaded->keys == keys - 256);
  CHECK(loaded->damage.find("keys 0 to 255 are lost") != std::string::npos);
  // Which destinations are lost is not known: none of these programs has new ones now.
  const auto* known = rest.table.find_subject(subject.id);
  REQUIRE(known != nullptr);
  CHECK(known->forgotten_s > 0);
}

TEST_CASE("what is lost of the programs makes nothing new") {
  State state;
  fill(state, 0, 20);
  auto saved = encode_beacon_state(state.table, state.programs);
  saved[12 + 20 + 24 + 32 + 24] ^= std::byte{1};  // in the first record of contents
  State other;
  const auto loaded = decode_beacon_state(saved, other.table, other.programs);
  REQUIRE(loaded);
  CHECK(loaded->keys == state.table.size());
  CHECK(loaded->damage.find("contents from 0 on are lost") != std::string::npos);
  CHECK(other.programs.coverage().since_ns == 0);
}

TEST_CASE("files: none is no fault, a bad one leaves everything as it was and says why") {
  const test::TempDir dir;
  const auto path = (dir.path() / "beacons.state").string();
  State state;
  fill(state, 0, 20);
  const auto before = state.rows();
  const auto none = load_beacon_state(path, state.table, state.programs);
  REQUIRE(none);
  CHECK(none->keys == 0);
  CHECK(state.rows() == before);

  REQUIRE(save_beacon_state(path, encode_beacon_state(state.table, state.programs)));
  struct stat st {};
  REQUIRE(stat(path.c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0600);
  State loaded;
  REQUIRE(load_beacon_state(path, loaded.table, loaded.programs));
  CHECK(loaded.rows() == before);

  REQUIRE(chmod(path.c_str(), 0666) == 0);
  CHECK(load_beacon_state(path, loaded.table, loaded.programs).error().code ==
        ErrorCode::kPermission);
  REQUIRE(replace_file(path, std::string_view("tocsinBK and then nothing of use"), 0600));
  const auto bad = load_beacon_state(path, loaded.table, loaded.programs);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.find(path) != std::string::npos);
  CHECK(loaded.rows() == before);
}
