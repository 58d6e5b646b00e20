// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "containers/container_facts.hpp"

namespace tocsin {

// Finds a container in the state files that runtimes leave on the disk, reading only: no runtime is
// asked, so none has to be trusted with a socket or to be up. Blocks on the disk; any thread.
class ContainerStateFiles {
 public:
  // Folders of docker (data-root), containerd (state), the storage that podman and CRI-O share,
  // runc (--root) and crun (--root), in any order: each is looked at for what any of them writes.
  // These, and the paths that they hold, are below root.
  explicit ContainerStateFiles(std::vector<std::string> folders, std::string root = "/")
      : folders_(std::move(folders)), root_(std::move(root)) {}

  // Never fails: facts without a name say why. A container that is being made or taken down may be
  // found the next time.
  [[nodiscard]] ContainerFacts find(std::string_view id) const;

 private:
  std::vector<std::string> folders_;
  std::string root_;
};

// Whether an id can be looked for: ids are parts of paths, and a container may choose parts of its
// own control group's path.
bool is_container_id(std::string_view id);

}  // namespace tocsin
