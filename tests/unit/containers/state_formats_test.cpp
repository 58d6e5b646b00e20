// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "containers/state_formats.hpp"

#include <nlohmann/json.hpp>

#include "containers/container_limits.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::container_state;
using nlohmann::json;

namespace {

const std::string kId(64, 'a');
const std::string kImageId = "sha256:" + std::string(64, 'b');
const std::string kDigest = "sha256:" + std::string(64, 'c');

json docker_config() {
  return {{"ID", kId},
          {"Name", "/web-1"},
          {"Image", kImageId},
          {"Config",
           {{"Image", "nginx:1.25"},
            {"Labels", {{"com.docker.compose.project", "shop"}, {"secret", "not shown"}}}}}};
}

}  // namespace

TEST_CASE("docker's own file names the container, its image and the labels worth having",
          "[containers]") {
  const auto facts = read_docker(docker_config().dump(), kId);
  REQUIRE(facts);
  CHECK(facts->runtime == "docker");
  CHECK(facts->name == "web-1");
  CHECK(facts->image == "nginx:1.25");
  CHECK(facts->image_digests == std::vector{kImageId});
  REQUIRE(facts->labels.size() == 1);
  CHECK(facts->labels[0] ==
        std::pair<std::string, std::string>("com.docker.compose.project", "shop"));
  CHECK(facts->pod.empty());
}

TEST_CASE("a pod's container under docker is named by its labels", "[containers]") {
  auto config = docker_config();
  config["Name"] = "/k8s_web_web-7d4b_shop_uid_0";
  config["Config"]["Labels"] = {{"io.kubernetes.container.name", "web"},
                                {"io.kubernetes.pod.name", "web-7d4b"},
                                {"io.kubernetes.pod.namespace", "shop"},
                                {"io.kubernetes.pod.uid", "1-2-3"}};
  const auto facts = read_docker(config.dump(), kId);
  REQUIRE(facts);
  CHECK(facts->name == "web");
  CHECK(facts->pod == "web-7d4b");
  CHECK(facts->pod_namespace == "shop");
  CHECK(facts->pod_uid == "1-2-3");
}

TEST_CASE("a file about another container is not believed", "[containers]") {
  CHECK_FALSE(read_docker(docker_config().dump(), std::string(64, 'f')));
  const json state = {{"id", "other"}, {"config", {{"labels", json::array({"bundle=/b"})}}}};
  CHECK_FALSE(read_runc_bundle(state.dump(), kId));
}

TEST_CASE("containerd's bundle of a pod", "[containers]") {
  const json config = {{"annotations",
                        {{"io.kubernetes.cri.container-type", "container"},
                         {"io.kubernetes.cri.container-name", "web"},
                         {"io.kubernetes.cri.image-name", "registry.example/web@" + kDigest},
                         {"io.kubernetes.cri.sandbox-name", "web-7d4b"},
                         {"io.kubernetes.cri.sandbox-namespace", "shop"},
                         {"io.kubernetes.cri.sandbox-uid", "1-2-3"}}}};
  const auto facts = read_bundle(config.dump(), kId);
  REQUIRE(facts);
  CHECK(facts->name == "web");
  CHECK(facts->image == "registry.example/web@" + kDigest);
  CHECK(facts->image_digests == std::vector{kDigest});
  CHECK(facts->pod == "web-7d4b");
  CHECK(facts->pod_namespace == "shop");
  CHECK(facts->runtime.empty());  // the place where it was found says it
}

TEST_CASE("a pod's sandbox is named after the pod", "[containers]") {
  const json config = {{"annotations",
                        {{"io.container.manager", "cri-o"},
                         {"io.kubernetes.cri-o.ContainerType", "sandbox"},
                         {"io.kubernetes.cri-o.KubeName", "web-7d4b"},
                         {"io.kubernetes.cri-o.Namespace", "shop"}}}};
  const auto facts = read_bundle(config.dump(), kId);
  REQUIRE(facts);
  CHECK(facts->runtime == "cri-o");
  CHECK(facts->name == "web-7d4b (sandbox)");
  CHECK(facts->pod_namespace == "shop");
}

TEST_CASE("podman keeps the name beside the bundle", "[containers]") {
  const json metadata = {{"image-name", "localhost/web:1.0"}, {"name", "web"}};
  json list = json::array();
  list.push_back({{"id", "other"}, {"names", json::array({"no"})}});
  list.push_back({{"id", kId},
                  {"names", json::array({"alias"})},
                  {"image", std::string(64, 'b')},
                  {"metadata", metadata.dump()}});
  ContainerFacts facts;
  facts.id = kId;
  std::string image_id;
  REQUIRE(read_storage(list.dump(), facts, image_id).value());
  CHECK(facts.name == "web");
  CHECK(facts.image == "localhost/web:1.0");
  const auto images = json::array({json{{"id", std::string(64, 'b')}, {"digest", kDigest}}});
  CHECK(read_storage_digest(images.dump(), image_id).value() == kDigest);
  CHECK(read_storage_digest(images.dump(), "other").value().empty());

  facts.id = "unlisted";
  CHECK_FALSE(read_storage(list.dump(), facts, image_id).value());
}

TEST_CASE("docker knows the digest that an image was pulled by", "[containers]") {
  const json file = {
      {"Repositories", {{"nginx", {{"nginx:1.25", kImageId}, {"nginx@" + kDigest, kImageId}}}}}};
  CHECK(read_docker_digest(file.dump(), kImageId).value() == kDigest);
  CHECK(read_docker_digest(file.dump(), kDigest).value().empty());
}

TEST_CASE("runc and crun tell where the bundle is, by an absolute path", "[containers]") {
  const auto state = [](const char* label) {
    return json{{"id", kId}, {"config", {{"labels", json::array({"a=b", label})}}}}.dump();
  };
  CHECK(read_runc_bundle(state("bundle=/srv/b"), kId).value() == "/srv/b");
  CHECK_FALSE(read_runc_bundle(state("bundle=srv/b"), kId));
  CHECK_FALSE(read_runc_bundle(state("c=d"), kId));
  CHECK(read_crun_bundle(R"({"pid":7,"bundle":"/srv/b"})").value() == "/srv/b");
  CHECK_FALSE(read_crun_bundle(R"({"bundle":7})"));
}

TEST_CASE("hostile state files are refused or cut, never believed in part", "[containers]") {
  CHECK_FALSE(read_bundle(std::string(limits::kContainerFileBytesMax + 1, ' '), kId));
  CHECK_FALSE(read_bundle(std::string(100'000, '['), kId));
  CHECK_FALSE(read_bundle("[]", kId));
  CHECK_FALSE(read_bundle(R"({"annotations":{)", kId));
  // Other types than expected are unknown, not errors: later versions may have them.
  CHECK(read_bundle(R"({"annotations":["nerdctl/name"]})", kId)->name.empty());
  CHECK(read_bundle(R"({"annotations":{"nerdctl/name":7}})", kId)->name.empty());

  std::string name;
  while (name.size() <= limits::kContainerTextBytesMax) name += "\xc3\xa9";
  const json config = {{"annotations", {{"nerdctl/name", name}}}};
  const auto facts = read_bundle(config.dump(), kId);
  REQUIRE(facts);
  CHECK(facts->name.size() == limits::kContainerTextBytesMax);

  json labels;
  for (int i = 0; i < 100; ++i) labels["app.kubernetes.io/" + std::to_string(i)] = "x";
  const auto many = read_bundle(json{{"annotations", labels}}.dump(), kId);
  REQUIRE(many);
  CHECK(many->labels.size() == limits::kContainerLabelsMax);

  // A digest is 64 digits or none.
  const json bad = {{"annotations", {{"io.kubernetes.cri.image-name", "web@sha256:beef"}}}};
  CHECK(read_bundle(bad.dump(), kId)->image_digests.empty());
}
