// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/spool.hpp"

#include "fleet/fleet_limits.hpp"
#include "support/kernel.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"
#include "support/tiny_disk.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

Spool open_in(const TempDir& dir, std::uint64_t bytes = 1'000'000) {
  auto spool = Spool::open({.folder = dir.path(), .bytes_max = bytes});
  REQUIRE(spool.has_value());
  return std::move(*spool);
}

std::vector<std::string> data_of(Spool& spool) {
  std::vector<std::string> data;
  const auto items = spool.after(0, 1'000).value();
  for (const auto& item : items) data.push_back(item.data);
  return data;
}

}  // namespace

TEST_CASE("the spool gives in order what is on the disk, over a restart", "[fleet]") {
  const TempDir dir;
  std::string first_id, name;
  {
    auto spool = open_in(dir);
    CHECK(spool.put_alert("A1", "one").value());
    CHECK(spool.put(Kind::kDigest, "two").has_value());
    CHECK(data_of(spool).empty());  // not on the disk yet
    REQUIRE(spool.commit().has_value());
    CHECK(spool.put_alert("A2", "lost with the power").value());
    const auto items = spool.after(0, 10).value();
    REQUIRE(items.size() == 2);
    first_id = items[0].id;
    name = spool.name();
    CHECK(first_id == name + ":alert:1");
    CHECK(items[1].id == name + ":digest:1");
  }
  auto spool = open_in(dir);
  CHECK(spool.name() == name);
  CHECK(spool.last_alert() == "A1");
  CHECK(data_of(spool) == std::vector<std::string>{"one", "two"});
  CHECK(!spool.put_alert("A1", "one").value());  // is there already
  CHECK(spool.put_alert("A2", "three").value());
  REQUIRE(spool.commit().has_value());
  auto items = spool.after(0, 10).value();
  REQUIRE(items.size() == 3);
  CHECK(items[0].id == first_id);
  CHECK(items[2].id == name + ":alert:2");
  REQUIRE(spool.remove({items[0].place, items[1].place}).has_value());
  CHECK(data_of(spool) == std::vector<std::string>{"three"});
  CHECK(spool.state().items == 1);
  CHECK(spool.state().bytes == 5);
}

TEST_CASE("a full spool gives up digests before alerts, the oldest first, and counts", "[fleet]") {
  const TempDir dir;
  auto spool = open_in(dir, 1'000);
  const auto put = [&](Kind kind, char c) {
    return spool.put(kind, std::string(200, c)).has_value();
  };
  CHECK((put(Kind::kAlert, 'a') && put(Kind::kDigest, 'd') && put(Kind::kAlert, 'b') &&
         put(Kind::kEvents, 'e') && put(Kind::kAlert, 'c')));
  CHECK((put(Kind::kAlert, 'f') && put(Kind::kAlert, 'g') && put(Kind::kAlert, 'h')));
  REQUIRE(spool.commit().has_value());
  std::string left;
  for (const auto& data : data_of(spool)) left += data[0];
  CHECK(left == "bcfgh");
  CHECK(spool.state().bytes == 1'000);
  CHECK(spool.state().dropped[static_cast<std::size_t>(Kind::kDigest)] == 1);
  CHECK(spool.state().dropped[static_cast<std::size_t>(Kind::kEvents)] == 1);
  CHECK(spool.state().dropped[static_cast<std::size_t>(Kind::kAlert)] == 1);
  const auto reopened = open_in(dir, 1'000);
  CHECK(reopened.state().dropped[static_cast<std::size_t>(Kind::kAlert)] == 1);
  CHECK(!spool.put(Kind::kAlert, std::string(limits::kSpoolItemBytesMax + 1, 'x')).has_value());
}

TEST_CASE("no digest, event or reply drives an alert out of a full spool", "[fleet]") {
  const TempDir dir;
  auto spool = open_in(dir, 1'000);
  for (const char c : {'a', 'b', 'c', 'd'})
    REQUIRE(spool.put(Kind::kAlert, std::string(200, c)).has_value());
  REQUIRE(spool.put(Kind::kEvents, std::string(150, 'e')).has_value());
  // A reply may take the events' place, a digest not even that.
  REQUIRE(spool.put(Kind::kDigest, std::string(150, 'f')).has_value());
  CHECK(spool.state().dropped[static_cast<std::size_t>(Kind::kDigest)] == 1);
  REQUIRE(spool.put(Kind::kReply, std::string(200, 'r')).has_value());
  REQUIRE(spool.put(Kind::kReply, std::string(300, 's')).has_value());
  REQUIRE(spool.commit().has_value());
  std::string left;
  for (const auto& data : data_of(spool)) left += data[0];
  CHECK(left == "abcd");
  CHECK(spool.state().items == 4);
  CHECK(spool.state().bytes == 800);
  CHECK(spool.state().dropped[static_cast<std::size_t>(Kind::kEvents)] == 1);
  CHECK(spool.state().dropped[static_cast<std::size_t>(Kind::kReply)] == 2);
  CHECK(spool.state().dropped[static_cast<std::size_t>(Kind::kAlert)] == 0);
}

TEST_CASE("a damaged spool is set aside, not trusted", "[fleet]") {
  const TempDir dir;
  dir.write("spool.db", std::string(8'192, 'x'));
  auto spool = open_in(dir);
  CHECK(spool.put_alert("A1", "one").value());
  CHECK(spool.commit().has_value());
  CHECK(std::filesystem::exists(dir / "spool.db.damaged"));
}

TEST_CASE("the log of a damaged spool is kept beside it", "[fleet]") {
  const TempDir dir;
  dir.write("spool.db", std::string(8'192, 'x'));
  dir.write("spool.db-wal", "what it had not written yet");
  { auto spool = open_in(dir); }
  CHECK(read_text(dir / "spool.db.damaged-wal") == "what it had not written yet");
  CHECK(!std::filesystem::exists(dir / "spool.db-wal.kept"));
  { auto spool = open_in(dir); }
  CHECK(!std::filesystem::exists(dir / "spool.db-wal.kept"));
}

TEST_CASE("when something was given up last is known over a restart", "[fleet]") {
  const TempDir dir;
  const auto before = SystemClock().wall_ns() / kNsPerSecond * kNsPerSecond;
  {
    auto spool = open_in(dir, 1'000);
    CHECK(spool.state().dropped_ns == 0);
    for (int i = 0; i < 6; ++i) REQUIRE(spool.put(Kind::kAlert, std::string(200, 'a')));
    REQUIRE(spool.commit().has_value());
  }
  CHECK(open_in(dir, 1'000).state().dropped_ns >= before);
}

TEST_CASE("a spool from before the time was kept has it from now on", "[fleet]") {
  const TempDir dir;
  {
    auto spool = open_in(dir, 1'000);
    for (int i = 0; i < 6; ++i) REQUIRE(spool.put(Kind::kAlert, std::string(200, 'a')));
    REQUIRE(spool.commit().has_value());
  }
  const auto file = dir.file("spool.db");
  const auto mark = [&](const std::string& sql) {
    auto database = Database::open(file, {.mode = Database::Mode::kCreate}).value();
    REQUIRE(database.run(sql).has_value());
    return database.integer("SELECT count(*) FROM mark WHERE name='dropped at'").value();
  };
  REQUIRE(mark("DELETE FROM mark WHERE name='dropped at'") == 0);
  const auto before = SystemClock().wall_ns();
  CHECK(open_in(dir, 1'000).state().dropped_ns >= before);
  CHECK(mark("SELECT 1") == 1);  // and stays, though nothing was committed since
}

TEST_CASE("what was set aside before stays", "[fleet]") {
  const TempDir dir;
  dir.write("spool.db.damaged", "the first");
  dir.write("spool.db", std::string(8'192, 'x'));
  { auto spool = open_in(dir); }
  CHECK(read_text(dir / "spool.db.damaged") == "the first");
  CHECK(read_text(dir / "spool.db.damaged2") == std::string(8'192, 'x'));
}

TEST_CASE("a full disk undoes what is not on it, says so, and the spool goes on", "[fleet]") {
  const TempDir dir;
  const TinyDisk disk(dir.file("disk"), 512);
  if (!disk.mounted()) return print_skipped("a full disk undoes what is not on it", "needs root");
  auto opened = Spool::open({.folder = dir.file("disk"), .bytes_max = 100'000'000});
  REQUIRE(opened.has_value());
  auto& spool = *opened;
  int undone = 0;
  spool.on_undone([&] { ++undone; });
  REQUIRE(spool.put_alert("A0", "small").value());
  REQUIRE(spool.commit().has_value());

  // Until the disk takes no more: what the spool says of itself is what is on the disk.
  int kept = 0;
  const std::string data(20'000, 'x');
  for (int i = 1; i < 100 && undone == 0; ++i) {
    const auto put = spool.put_alert("A" + std::to_string(i), data);
    if (put && spool.commit()) kept = i;
  }
  REQUIRE(undone == 1);
  CHECK(!spool.uncommitted());
  CHECK(spool.last_alert() == "A" + std::to_string(kept));
  CHECK(spool.state().items == static_cast<std::uint64_t>(kept) + 1);
  CHECK(data_of(spool).size() == static_cast<std::size_t>(kept) + 1);

  // Room again: the alert that was undone is taken, under the number that it would have had.
  REQUIRE(::mount("none", dir.file("disk").c_str(), "tmpfs", MS_REMOUNT, "size=8m") == 0);
  CHECK(spool.put_alert("A" + std::to_string(kept + 1), data).value());
  REQUIRE(spool.commit().has_value());
  const auto items = spool.after(0, 1'000).value();
  REQUIRE(items.size() == static_cast<std::size_t>(kept) + 2);
  CHECK(items.back().id == spool.name() + ":alert:" + std::to_string(kept + 2));
  CHECK(undone == 1);
}
