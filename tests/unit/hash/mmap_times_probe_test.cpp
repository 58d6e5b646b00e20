// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/mmap_times_probe.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/hash_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("the probe says what a real tmpfs file does, and no before it can know") {
  MmapTimesProbe probe;
  CHECK_FALSE(probe.memory_files_tell());
  let_clock_tick();

  std::string path = "/dev/shm/tocsin_test.XXXXXX";
  const int fd = mkstemp(path.data());
  if (fd < 0) {
    WARN("skipped: no /dev/shm");
    return;
  }
  std::filesystem::remove(path);
  struct stat before {
  }, after{};
  REQUIRE(ftruncate(fd, 1) == 0);
  REQUIRE(fstat(fd, &before) == 0);
  let_clock_tick();
  void* page = mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  REQUIRE(page != MAP_FAILED);
  // Read before it is written to: 6.18 moves the times for a write that brings the page in only.
  auto* at = static_cast<volatile char*>(page);
  const volatile char read = *at;  // kept, or the two accesses become one that reads and writes
  *at = static_cast<char>(read + 1);
  munmap(page, 1);
  REQUIRE(fstat(fd, &after) == 0);
  close(fd);
  const bool moved = before.st_ctim.tv_sec != after.st_ctim.tv_sec ||
                     before.st_ctim.tv_nsec != after.st_ctim.tv_nsec;
  CHECK(probe.memory_files_tell() == moved);
  CHECK(probe.memory_files_tell() == moved);  // and keeps saying so
}
