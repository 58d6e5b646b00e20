// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_service.hpp"
#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("a library is found by its path and never taken from the process's program") {
  const TempDir dir;
  const auto path = dir.write("library.so", "content");
  let_clock_tick();
  const auto hashes = std::move(*HashService::create({}));
  auto mapped = executed(path);
  mapped.kind = HashRequest::Kind::kModule;
  const auto result = hash_now(*hashes, mapped);
  REQUIRE(result.digests);
  CHECK(result.rung == HashRung::kRootPath);
  CHECK(result.digests->sha256 == *Sha256::parse(sha256sum(path)));
  CHECK_FALSE(result.digests->md5);
  CHECK(hashes->counters().modules.hashed == 1);
  CHECK(hashes->counters().executables.requests == 0);
}

TEST_CASE("a request may need digests that indicators do not") {
  const TempDir dir;
  const auto path = dir.write("program", "content");
  let_clock_tick();
  const auto hashes = std::move(*HashService::create({}));
  auto request = executed(path);
  CHECK_FALSE(hash_now(*hashes, request).digests->md5);
  request.needs.md5 = true;  // what is known without it is read again, once
  CHECK(hash_now(*hashes, request).digests->md5);
  CHECK(hash_now(*hashes, request).cached);
  CHECK(hashes->counters().files_read == 2);
}
