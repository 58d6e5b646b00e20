// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include "alert/alert.hpp"
#include "support/name_fixture.hpp"

namespace tocsin::test {

// A login over ssh into a pod's container.
inline void add_context_sample(Alert& alert) {
  auto& container = alert.container.emplace();
  container.id = alert.lineage[0].container_id = std::string(64, 'c');
  container.runtime = "containerd";
  container.name = "web";
  container.image = "registry.example/web:1.2";
  container.image_digests = {"sha256:" + std::string(64, 'd')};
  container.pod = "web-7d4b";
  container.pod_uid = "1-2-3";
  container.pod_namespace = "shop";
  container.labels = {{"app", "shop"}};
  auto& session = alert.session.emplace();
  session.id = 7;
  session.login_uid = 1000;
  session.login_user = "alice";
  session.entry = "sshd";
  session.entry_process = alert.lineage[2].id;
  session.peer = Endpoint{*IpAddress::parse("198.51.100.9"), 50122};
  session.tty = "pts/3";
  session.since_ns = kEventTime - 60'000'000'000;
  session.through = {"sudo(900): alice -> root"};
}

}  // namespace tocsin::test
