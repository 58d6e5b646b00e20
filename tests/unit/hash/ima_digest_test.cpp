// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the kernel's own digest of a file counts against what is read.
#include "base/sha256_of.hpp"
#include "hash/file_systems.hpp"
#include "hash/hash_service.hpp"
#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("the kernel's own digest needs no file and outweighs what is read later") {
  const TempDir dir;
  const auto path = dir.write("program", "abc");
  let_clock_tick();
  const auto hashes = HashService::create({}).value();
  auto event = executed(path);
  Sha256 ima;
  ima.bytes.fill(0x5a);
  event.ima_sha256 = ima;
  const auto at_once = hashes->submit(event);
  REQUIRE(at_once.result);
  CHECK(at_once.result->digests->sha256 == ima);
  CHECK(at_once.result->rung == HashRung::kIma);
  CHECK(hashes->counters().files_read == 0);

  hashes->set_needs({true, false});
  const auto differs = hash_now(*hashes, event);
  CHECK(differs.digests->sha256 == ima);
  CHECK_FALSE(differs.digests->sha1);
  CHECK(hashes->counters().ima_differs == 1);
  CHECK(hashes->cache().find(HashKey::of_event(event.file, event.root), {true, false}) == nullptr);

  event.ima_sha256 = sha256_of("abc");
  const auto agrees = hash_now(*hashes, event);
  CHECK(agrees.digests->sha1);
  CHECK(agrees.rung == HashRung::kIma);

  // Nothing can be opened: the kernel's digest alone is what there is.
  event.file.ino ^= 1;
  event.path = "/nonexistent";
  CHECK(hash_now(*hashes, event).digests->sha256 == sha256_of("abc"));
}

TEST_CASE("the kernel's digest of a file whose server keeps its times is not final") {
  const TempDir dir;
  const auto path = dir.write("program", "abc");
  let_clock_tick();
  const auto hashes = HashService::create({}).value();
  auto event = executed(path);
  event.file.fs_magic = fs_magic::kFuse;
  Sha256 remembered;
  remembered.bytes.fill(0x5a);
  event.ima_sha256 = remembered;
  const auto read = hash_now(*hashes, event);
  CHECK(read.digests->sha256 == sha256_of("abc"));
  CHECK(hashes->counters().ima_differs == 1);

  event.file.ino ^= 1;
  event.path = "/nonexistent";
  const auto alone = hash_now(*hashes, event);
  CHECK(alone.digests->sha256 == remembered);
  CHECK_FALSE(alone.doubt.empty());
}
