// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/container_id.hpp"

#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("container ids stand in the paths of every common runtime") {
  const std::string id(64, 'a');
  for (const auto& path :
       {"/docker/" + id, "/system.slice/docker-" + id + ".scope",
        "/machine.slice/libpod-" + id + ".scope/container", "/libpod_parent/libpod-" + id,
        "/kubepods.slice/kubepods-pod12.slice/cri-containerd-" + id + ".scope",
        "/kubepods/besteffort/pod12/" + id, "/kubepods.slice/crio-" + id + ".scope"}) {
    CAPTURE(path);
    CHECK(container_id_of_cgroup(path) == id);
  }
  const std::string inner(64, 'b');
  CHECK(container_id_of_cgroup("/docker/" + id + "/docker/" + inner) == inner);
}

TEST_CASE("the host's own groups are no containers") {
  const std::string id(64, 'a');
  for (const std::string& path :
       {std::string("/"), std::string("/user.slice/user-0.slice/session-1.scope"),
        "/system.slice/" + id.substr(1) + ".scope", "/machine.slice/libpod-conmon-" + id + ".scope",
        "/x/" + std::string(63, 'a') + "g", "/system.slice/y" + id}) {
    CAPTURE(path);
    CHECK(container_id_of_cgroup(path).empty());
  }
}

TEST_CASE("a runtime's own id is the last component that is no unit") {
  CHECK(runtime_id_of_cgroup("/web-1") == "web-1");
  CHECK(runtime_id_of_cgroup("/lxc/web-1/init.scope") == "web-1");
  CHECK(runtime_id_of_cgroup("/system.slice/ssh.service").empty());
}
