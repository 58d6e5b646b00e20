// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/own_file.hpp"

#include <sys/stat.h>

#include <string>

#include "temp_dir.hpp"
#include "test.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("a file of an earlier run is read whole, or refused for a reason", "[base]") {
  const TempDir dir;
  const std::string path = dir.write("state", "12345");
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  const auto read = read_own_file(path, 5);
  REQUIRE(read);
  REQUIRE(*read);
  CHECK((*read)->size() == 5);
  CHECK(std::to_integer<char>((**read)[4]) == '5');

  const auto none = read_own_file(dir.file("none"), 5);
  REQUIRE(none);
  CHECK_FALSE(*none);

  const auto longer = read_own_file(path, 4);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code == ErrorCode::kLimit);
  CHECK(longer.error().message.find(path) == 0);

  REQUIRE(chmod(path.c_str(), 0660) == 0);
  const auto doubtful = read_own_file(path, 5);
  REQUIRE_FALSE(doubtful);
  CHECK(doubtful.error().code == ErrorCode::kPermission);

  const std::string pipe = dir.file("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const auto odd = read_own_file(pipe, 5);
  REQUIRE_FALSE(odd);
  CHECK(odd.error().code == ErrorCode::kInvalidInput);
}
