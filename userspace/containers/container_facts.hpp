// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tocsin {

// What its runtime wrote down about a container. Empty: it did not say. Labels and names are the
// choice of whoever started the container: shown, never believed.
struct ContainerFacts {
  std::string id;
  std::string runtime;  // "docker", "containerd", "cri-o", "podman", "runc", "crun"
  std::string name;
  std::string image;                       // as it was asked for: "nginx:1.25"
  std::vector<std::string> image_digests;  // "sha256:…": of the manifest, of the configuration
  std::string pod, pod_uid, pod_namespace;
  std::vector<std::pair<std::string, std::string>> labels;  // those worth showing, sorted
  // Why there is no name, in words; empty for a container that has one.
  std::string unnamed_because;

  [[nodiscard]] bool named() const { return unnamed_because.empty(); }
};

}  // namespace tocsin
