// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/spool.hpp"

#include "fleet/fleet_limits.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

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

TEST_CASE("a damaged spool is set aside, not trusted", "[fleet]") {
  const TempDir dir;
  dir.write("spool.db", std::string(8'192, 'x'));
  auto spool = open_in(dir);
  CHECK(spool.put_alert("A1", "one").value());
  CHECK(spool.commit().has_value());
  CHECK(std::filesystem::exists(dir / "spool.db.damaged"));
}
