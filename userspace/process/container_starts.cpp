// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/container_starts.hpp"

#include <algorithm>

namespace tocsin {

void ContainerStarts::note(const std::string& container, WallNs start_ns) {
  auto& known = starts_.get(container, [](const auto&, const auto&) {});
  known = known == 0 ? start_ns : std::min(known, start_ns);
}

std::optional<WallNs> ContainerStarts::of(const std::string& container) {
  const auto* known = starts_.find(container);
  return known == nullptr ? std::nullopt : std::optional(*known);
}

std::optional<bool> in_image_layer(const ContainerFile& file, WallNs container_start_ns) {
  if (file.changed_ns == 0) return std::nullopt;
  // Any write, chmod or copy-up moves the change time, and nothing turns it back.
  if (file.changed_ns >= container_start_ns) return false;
  return file.dev == file.root_dev ? std::optional(true) : std::nullopt;
}

}  // namespace tocsin
