// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "containers/container_directory.hpp"

#include <set>

#include <nlohmann/json.hpp>

#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using nlohmann::json;

namespace {

struct Desk {
  test::TempDir dir;
  EventLoop loop = EventLoop::create().value();
  std::multiset<std::string> answers;
  std::unique_ptr<ContainerDirectory> directory =
      ContainerDirectory::start(loop, ContainerStateFiles({dir.path()}),
                                [this](const std::string& id) { answers.insert(id); })
          .value();

  void write(const std::string& id) const {
    dir.write("containers/" + id + "/config.v2.json",
              json{{"ID", id}, {"Name", "/name-of-" + id}}.dump());
  }
  void run_until_answered(std::size_t count) {
    for (int i = 0; i < 2000 && answers.size() < count; ++i) REQUIRE(loop.run_once(10'000));
    REQUIRE(answers.size() == count);
  }
};

}  // namespace

TEST_CASE("a container that is there is named at the first look, and kept when it is gone",
          "[containers]") {
  Desk desk;
  desk.write("web");
  CHECK_FALSE(desk.directory->pending("web"));
  desk.directory->want("web");
  CHECK(desk.directory->pending("web"));
  desk.directory->want("web");  // on its way already
  desk.run_until_answered(1);
  std::filesystem::remove_all(desk.dir / "containers");
  desk.directory->want("web");
  CHECK_FALSE(desk.directory->pending("web"));
  REQUIRE(desk.directory->find("web") != nullptr);
  CHECK(desk.directory->find("web")->name == "name-of-web");
  CHECK(desk.directory->counters().lookups == 1);
  CHECK(desk.directory->counters().named == 1);
}

TEST_CASE("a container that is still being made is named by a later look", "[containers]") {
  Desk desk;
  desk.directory->want("late");
  REQUIRE(desk.loop.run_once(10'000));
  CHECK(desk.answers.empty());
  desk.write("late");
  desk.run_until_answered(1);
  REQUIRE(desk.directory->find("late") != nullptr);
  CHECK(desk.directory->find("late")->named());
}

TEST_CASE("a container nobody knows is unnamed with a reason, and not looked up at every event",
          "[containers]") {
  Desk desk;
  desk.directory->want("nobody");
  desk.run_until_answered(1);
  const auto* facts = desk.directory->find("nobody");
  REQUIRE(facts != nullptr);
  CHECK_FALSE(facts->named());
  const auto lookups = desk.directory->counters().lookups;
  CHECK(lookups == limits::kContainerTriesMax + 1);
  for (int i = 0; i < 100; ++i) desk.directory->want("nobody");
  CHECK_FALSE(desk.directory->pending("nobody"));
  CHECK(desk.directory->counters().lookups == lookups);
}

TEST_CASE("at the limit of look-ups the next container is told so, and memory stays bounded",
          "[containers]") {
  Desk desk;
  const std::size_t count = limits::kContainerLookupsMax + 50;
  for (std::size_t i = 0; i < count; ++i) desk.write("c" + std::to_string(i));
  for (std::size_t i = 0; i < count; ++i) desk.directory->want("c" + std::to_string(i));
  CHECK(desk.directory->counters().refused == 50);
  desk.run_until_answered(count);  // the refused ones by their next try
  CHECK(desk.directory->counters().named == count);
  for (std::size_t i = 0; i <= limits::kContainersKnownMax; ++i) {
    desk.directory->want("d" + std::to_string(i));
    if (i % 512 == 0) REQUIRE(desk.loop.run_once(0));
  }
  CHECK(desk.directory->known() == limits::kContainersKnownMax);
}
