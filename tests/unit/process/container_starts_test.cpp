// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/container_starts.hpp"

#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("a container runs since the earliest of its processes", "[container]") {
  ContainerStarts starts;
  CHECK_FALSE(starts.of("a"));
  starts.note("a", 500);
  starts.note("a", 300);
  starts.note("a", 900);
  CHECK(starts.of("a") == 300);
  CHECK_FALSE(starts.of("b"));
}

TEST_CASE("a file is of the image when nothing changed it since the start", "[container]") {
  CHECK(in_image_layer({.dev = 7, .root_dev = 7, .changed_ns = 299}, 300) == true);
  CHECK(in_image_layer({.dev = 7, .root_dev = 7, .changed_ns = 300}, 300) == false);
  // On a volume or a memory file system: new is new, old is not the image's.
  CHECK(in_image_layer({.dev = 8, .root_dev = 7, .changed_ns = 301}, 300) == false);
  CHECK(in_image_layer({.dev = 8, .root_dev = 7, .changed_ns = 299}, 300) == std::nullopt);
  CHECK(in_image_layer({.dev = 7, .root_dev = 7, .changed_ns = 0}, 300) == std::nullopt);
}
