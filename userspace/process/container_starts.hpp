// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/lru_map.hpp"
#include "process/process_limits.hpp"

namespace tocsin {

// Since when each container runs: the earliest start among the processes that were seen in it. A
// file of its root that changed later is none of its image. State thread only.
class ContainerStarts {
 public:
  // Another process of it; the earliest counts.
  void note(const std::string& container, WallNs start_ns);
  // nullopt: never heard of.
  [[nodiscard]] std::optional<WallNs> of(const std::string& container);

 private:
  LruMap<std::string, WallNs> starts_{limits::kContainersMax};
};

// What is known of a file in a container: its device and its change time, the device of the
// container's root.
struct ContainerFile {
  std::uint32_t dev = 0, root_dev = 0;
  WallNs changed_ns = 0;  // 0: unknown
};

// Whether the file was in the container before it started; nullopt: cannot be said, as of a volume
// that is older than the container.
std::optional<bool> in_image_layer(const ContainerFile& file, WallNs container_start_ns);

}  // namespace tocsin
