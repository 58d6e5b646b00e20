// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "containers/state_files.hpp"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "containers/container_limits.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using nlohmann::json;
using test::TempDir;

namespace {

const std::string kId(64, 'a');

ContainerStateFiles files_below(const TempDir& dir) {
  return ContainerStateFiles({dir / "docker", dir / "containerd", dir / "storage", dir / "runc"});
}

void write_runc_state(const TempDir& dir, const std::string& id, const std::string& bundle) {
  const json state = {{"id", id}, {"config", {{"labels", json::array({"bundle=" + bundle})}}}};
  dir.write("runc/" + id + "/state.json", state.dump());
}

}  // namespace

TEST_CASE("each runtime's files are found where it keeps them", "[containers]") {
  TempDir dir;
  const auto files = files_below(dir);
  SECTION("docker") {
    dir.write("docker/containers/" + kId + "/config.v2.json",
              json{{"ID", kId}, {"Name", "/web"}}.dump());
    CHECK(files.find(kId).name == "web");
    CHECK(files.find(kId).runtime == "docker");
  }
  SECTION("containerd, in any of its namespaces") {
    const json config = {{"annotations", {{"nerdctl/name", "web"}}}};
    dir.write("containerd/io.containerd.runtime.v2.task/default/x/config.json", "{}");
    dir.write("containerd/io.containerd.runtime.v2.task/k8s.io/" + kId + "/config.json",
              config.dump());
    CHECK(files.find(kId).name == "web");
    CHECK(files.find(kId).runtime == "containerd");
    CHECK(files.find("x").name == "x");  // ctr names them by their id
  }
  SECTION("podman, whose storage lies elsewhere, through runc") {
    const auto folder = "elsewhere/overlay-containers/" + kId + "/userdata";
    dir.write(folder + "/config.json", R"({"annotations":{"io.container.manager":"libpod"}})");
    dir.write("elsewhere/overlay-containers/containers.json",
              json::array({json{{"id", kId}, {"names", json::array({"web"})}}}).dump());
    write_runc_state(dir, kId, dir / folder);
    const auto facts = files.find(kId);
    CHECK(facts.name == "web");
    CHECK(facts.runtime == "podman");
  }
  SECTION("runc by hand") {
    dir.write("bundle/config.json", "{}");
    write_runc_state(dir, "web", dir / "bundle");
    CHECK(files.find("web").name == "web");
    CHECK(files.find("web").runtime == "runc");
  }
  SECTION("crun by hand") {
    dir.write("bundle/config.json", "{}");
    dir.write("runc/web/status", json{{"bundle", dir / "bundle"}}.dump());
    CHECK(files.find("web").runtime == "crun");
  }
  CHECK_FALSE(files.find(std::string(64, 'f')).named());
}

TEST_CASE("what cannot be named says why", "[containers]") {
  TempDir dir;
  const auto files = files_below(dir);
  CHECK(files.find(kId).unnamed_because == "no state file of a known runtime speaks of it");
  const auto path = "docker/containers/" + kId + "/config.v2.json";
  dir.write(path, "{");
  CHECK_THAT(files.find(kId).unnamed_because, Catch::Contains("config.v2.json: not JSON"));
  dir.write(path, std::string(limits::kContainerFileBytesMax + 1, ' '));
  CHECK_THAT(files.find(kId).unnamed_because, Catch::Contains("not a file of at most"));
}

TEST_CASE("an id never leads out of the runtimes' folders, and nothing but files is read",
          "[containers]") {
  TempDir dir;
  const auto files = files_below(dir);
  dir.write("secret/config.v2.json", json{{"ID", "../../secret"}, {"Name", "/x"}}.dump());
  CHECK_FALSE(files.find("../../secret").named());
  for (const char* id : {"", ".", "..", "a/b", "a\nb", ".hidden"}) CHECK_FALSE(is_container_id(id));
  CHECK_FALSE(is_container_id(std::string(limits::kContainerIdBytesMax + 1, 'a')));
  CHECK(is_container_id("web-1_a.b+c"));

  // A pipe would keep the reader for ever.
  std::filesystem::create_directories(dir / ("docker/containers/" + kId));
  REQUIRE(mkfifo((dir / ("docker/containers/" + kId + "/config.v2.json")).c_str(), 0600) == 0);
  CHECK_FALSE(files.find(kId).named());
}
