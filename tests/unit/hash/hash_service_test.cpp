// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_service.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
namespace fs = std::filesystem;

namespace {

std::unique_ptr<HashService> service(HashServiceOptions options = {}) {
  auto made = HashService::create(options);
  REQUIRE(made);
  return std::move(*made);
}

std::string sparse(const TempDir& dir, const char* name, off_t size) {
  const auto path = dir.write(name, name);
  REQUIRE(truncate(path.c_str(), size) == 0);
  return path;
}

Sha256 digest_of(const std::string& path) {
  return *Sha256::parse(sha256sum(path));
}

}  // namespace

TEST_CASE("a file is read once and then known") {
  const TempDir dir;
  const auto path = dir.write("program", "content");
  let_clock_tick();
  const auto hashes = service();
  const auto first = hash_now(*hashes, executed(path));
  REQUIRE(first.digests);
  CHECK(first.digests->sha256 == digest_of(path));
  CHECK(first.rung == HashRung::kRootPath);
  CHECK_FALSE(first.cached);
  CHECK(first.doubt.empty());

  const auto again = hashes->submit(executed(path));
  REQUIRE(again.result);
  CHECK(again.result->digests == first.digests);
  CHECK(again.result->cached);
  CHECK(again.result->rung == HashRung::kRootPath);
  const auto counters = hashes->counters();
  CHECK(counters.executables.requests == 2);
  CHECK(counters.executables.hashed == 2);
  CHECK(counters.executables.cached == 1);
  CHECK(counters.files_read == 1);
  CHECK(counters.bytes_read == 7);
  CHECK(counters.executables.coverage() == 1.0);
}

TEST_CASE("known content of a file that is gone by now is still its content") {
  const TempDir dir;
  const auto path = dir.write("program", "content");
  let_clock_tick();
  const auto hashes = service();
  const auto event = executed(path);
  const auto first = hash_now(*hashes, event);
  fs::remove(path);
  const auto again = hashes->submit(event);
  REQUIRE(again.result);
  CHECK(again.result->digests == first.digests);
}

TEST_CASE("new content under the old name is never taken for the old, or the old for the new") {
  const TempDir dir;
  const auto path = dir.write("program", "before");
  let_clock_tick();
  const auto hashes = service();
  const auto before = executed(path);
  const auto old_digest = digest_of(path);
  const bool known = GENERATE(false, true);
  if (known) CHECK(hash_now(*hashes, before).digests->sha256 == old_digest);
  dir.write("program", "AFTER!");
  let_clock_tick();
  const auto late = hash_now(*hashes, before);
  if (known) {
    CHECK(late.digests->sha256 == old_digest);
  } else {
    CHECK_FALSE(late.digests);
    CHECK(late.miss == HashMiss::kReplaced);
  }
  CHECK(hash_now(*hashes, executed(path)).digests->sha256 == digest_of(path));
}

TEST_CASE("content within a clock tick of the execution is doubted and not remembered") {
  const TempDir dir;
  const auto path = dir.write("program", "content");
  const auto event = executed(path);  // at once
  const auto hashes = service();
  const auto result = hash_now(*hashes, event);
  REQUIRE(result.digests);
  CHECK(result.digests->sha256 == digest_of(path));
  CHECK(result.doubt.find("clock tick") != std::string::npos);
  CHECK(hashes->cache().size() == 0);
  CHECK(hashes->counters().executables.doubted == 1);

  // A process that still runs it proves it: nobody could write to it.
  const auto program = dir.file("sleeper");
  fs::copy_file("/bin/sleep", program);
  const Running running(program, {"60"});
  auto proven = executed(program);
  proven.process = process_id(running.pid());
  const auto sure = hash_now(*hashes, proven);
  REQUIRE(sure.digests);
  CHECK(sure.rung == HashRung::kProcExe);
  CHECK(sure.doubt.empty());
}

TEST_CASE("a running program that removed itself is hashed") {
  const TempDir dir;
  const auto program = dir.file("sleeper");
  fs::copy_file("/bin/sleep", program);
  let_clock_tick();
  auto event = executed(program);
  Running running(program, {"60"});
  event.process = process_id(running.pid());
  fs::remove(program);
  const auto hashes = service();
  const auto result = hash_now(*hashes, event);
  REQUIRE(result.digests);
  CHECK(result.digests->sha256 == digest_of("/bin/sleep"));
  CHECK(result.rung == HashRung::kProcExe);
  CHECK(result.doubt.empty());
  CHECK(hashes->cache().size() == 0);

  running.kill_and_wait();
  CHECK(hash_now(*hashes, event).miss == HashMiss::kGone);
  CHECK(hashes->counters().executables.gone_other == 1);
}

TEST_CASE("a memfd is hashed while it runs; what is missed is counted by its kind") {
  const int fd = memfd_create("payload", MFD_CLOEXEC);
  const auto bytes = read_text("/bin/sleep");
  REQUIRE(write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  const auto link = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd);
  auto event = executed(link);
  event.path = "/memfd:payload";
  event.memfd = true;
  const auto hashes = service();
  {
    const Running running(link, {"60"});
    close(fd);
    event.process = process_id(running.pid());
    const auto result = hash_now(*hashes, event);
    REQUIRE(result.digests);
    CHECK(result.digests->sha256 == digest_of("/bin/sleep"));
    CHECK(result.doubt.empty());
  }
  // A file in memory is remembered only where its change time can be trusted; ask for another one.
  ++event.file.ctime_ns;
  CHECK(hash_now(*hashes, event).miss == HashMiss::kGone);
  event.memfd = false;
  event.unlinked = true;
  CHECK(hash_now(*hashes, event).miss == HashMiss::kGone);
  const auto counters = hashes->counters().executables;
  CHECK(counters.gone_memfd == 1);
  CHECK(counters.gone_unlinked == 1);
  CHECK(counters.gone_other == 0);
  CHECK(counters.missed == 2);
  CHECK(counters.by_miss[static_cast<std::size_t>(HashMiss::kGone)] == 2);
  CHECK(counters.coverage() == Approx(1.0 / 3));
}

TEST_CASE("many executions of one new file are one read, and all are answered") {
  const TempDir dir;
  const auto path = sparse(dir, "program", 64 << 20);
  let_clock_tick();
  const auto hashes = service();
  const auto event = executed(path);
  std::vector<std::uint64_t> tickets;
  for (int i = 0; i < 500; ++i) {
    const auto submitted = hashes->submit(event);
    REQUIRE_FALSE(submitted.result);
    tickets.push_back(submitted.ticket);
  }
  const auto answered = wait_for(*hashes, tickets.size());
  const auto expected = digest_of(path);
  for (const auto ticket : tickets) {
    REQUIRE(answered.results.contains(ticket));
    CHECK(answered.results.at(ticket).digests->sha256 == expected);
  }
  CHECK(hashes->counters().files_read == 1);
  CHECK(hashes->counters().executables.shared == 499);
  CHECK(hashes->counters().queued == 0);
}

TEST_CASE("a big file does not hold up small ones") {
  const TempDir dir;
  const auto big = sparse(dir, "big", 400 << 20);
  std::vector<std::string> small;
  for (int i = 0; i < 50; ++i)
    small.push_back(
        dir.write("small" + std::to_string(i), std::string(5000, static_cast<char>(i))));
  let_clock_tick();
  const auto hashes = service();
  const auto big_ticket = hashes->submit(executed(big)).ticket;
  for (const auto& path : small) REQUIRE_FALSE(hashes->submit(executed(path)).result);
  const auto answered = wait_for(*hashes, 51);
  REQUIRE(answered.order.size() == 51);
  CHECK(answered.order.back() == big_ticket);
}

TEST_CASE("stopping interrupts a read and drops the queue") {
  const TempDir dir;
  HashServiceOptions options;
  options.max_bytes = UINT64_MAX;
  auto hashes = service(options);
  for (int i = 0; i < 3; ++i) {
    const auto path = sparse(dir, ("huge" + std::to_string(i)).c_str(), 20LL << 30);
    REQUIRE_FALSE(hashes->submit(executed(path)).result);
  }
  let_clock_tick();  // so that one is being read
  const auto start = std::chrono::steady_clock::now();
  hashes.reset();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));  // 60 GiB take longer
}

TEST_CASE("a full queue is a miss of its own") {
  const TempDir dir;
  HashServiceOptions options;
  options.queue_max = 2;
  const auto hashes = service(options);
  std::vector<HashRequest> events;
  for (int i = 0; i < 3; ++i)
    events.push_back(executed(sparse(dir, ("file" + std::to_string(i)).c_str(), 64 << 20)));
  CHECK_FALSE(hashes->submit(events[0]).result);
  CHECK_FALSE(hashes->submit(events[1]).result);
  const auto refused = hashes->submit(events[2]);
  REQUIRE(refused.result);
  CHECK(refused.result->miss == HashMiss::kQueueFull);
  CHECK(wait_for(*hashes, 2).order.size() == 2);
  CHECK(hash_now(*hashes, events[2]).digests);
}

TEST_CASE("digests that are needed later make known files be read again") {
  const TempDir dir;
  const auto path = dir.write("program", "abc");
  let_clock_tick();
  const auto hashes = service();
  CHECK_FALSE(hash_now(*hashes, executed(path)).digests->sha1);
  const auto given = hashes->set_needs({true, true});
  CHECK(given.sha1);
  const auto again = hash_now(*hashes, executed(path));
  CHECK_FALSE(again.cached);
  CHECK(again.digests->sha1.value().hex() == "a9993e364706816aba3e25717850c26c9cd0d89d");
  if (given.md5) CHECK(again.digests->md5.value().hex() == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hashes->submit(executed(path)).result);
  hashes->set_needs({});
  CHECK(hashes->submit(executed(path)).result);
  CHECK(hashes->counters().files_read == 2);
}

TEST_CASE("what cannot be hashed says why") {
  const TempDir dir;
  const auto path = dir.write("program", std::string(2000, 'x'));
  HashServiceOptions options;
  options.max_bytes = 1000;
  const auto hashes = service(options);
  CHECK(hash_now(*hashes, HashRequest{}).miss == HashMiss::kUnknownFile);
  CHECK(hash_now(*hashes, executed(path)).miss == HashMiss::kTooLarge);
  hashes->set_max_bytes(5000);
  CHECK(hash_now(*hashes, executed(path)).digests);
  CHECK(hash_now(*hashes, executed("/dev/null")).miss == HashMiss::kNotRegular);
  auto gone = executed(path);
  fs::remove(path);
  let_clock_tick();
  gone.file.ctime_ns -= kNsPerSecond;
  const auto missed = hash_now(*hashes, gone);
  CHECK(missed.miss == HashMiss::kGone);
  CHECK(missed.detail.find(path) != std::string::npos);
}

TEST_CASE("scripts are hashed by path and known the second time") {
  const TempDir dir;
  const auto path = dir.write("script", "#!/bin/sh\nexit 0\n");
  let_clock_tick();
  const auto hashes = service();
  const auto result = hash_now(*hashes, executed_script("script", dir.path().string()));
  REQUIRE(result.digests);
  CHECK(result.digests->sha256 == digest_of(path));
  CHECK(result.rung == HashRung::kScriptPath);
  const auto again = hash_now(*hashes, executed_script(path, "/"));
  CHECK(again.digests == result.digests);
  // A device number of its own is what makes a script's identity last.
  CHECK(again.cached == (identity_of(path).dev >> 20 != 0));
  CHECK(hashes->counters().scripts.requests == 2);
  CHECK(hashes->counters().executables.requests == 0);
}

TEST_CASE("what was learned survives a restart, and a broken file does not stop the service") {
  const TempDir dir;
  const auto path = dir.write("program", "content");
  const auto file = dir.file("state/hash-cache");
  fs::create_directories(dir.file("state"));
  let_clock_tick();
  {
    const auto hashes = service();
    REQUIRE(hashes->load_cache(file));
    CHECK(hashes->save_cache());
    CHECK_FALSE(fs::exists(file));  // nothing learned, nothing written
    CHECK(hash_now(*hashes, executed(path)).digests);
    const bool soon = GENERATE(false, true);
    if (soon) {
      hashes->save_cache_soon();
    } else {
      CHECK(hashes->save_cache());
    }
  }
  {
    const auto hashes = service();
    const auto load = hashes->load_cache(file);
    REQUIRE(load);
    CHECK(load->kept == 1);
    const auto known = hashes->submit(executed(path));
    // tmpfs may be untrusted for its first moments: then the file is simply read again.
    if (identity_of(path).dev >> 20 != 0) {
      REQUIRE(known.result);
      CHECK(known.result->cached);
      CHECK(known.result->digests->sha256 == digest_of(path));
    }
  }
  dir.write("state/hash-cache", "rubbish");
  const auto hashes = service();
  CHECK_FALSE(hashes->load_cache(file));
  CHECK(hash_now(*hashes, executed(path)).digests);
  CHECK(hashes->save_cache());
  CHECK(service()->load_cache(file)->kept == 1);

  fs::remove_all(dir.file("state"));
  hashes->set_needs({true, false});
  CHECK(hash_now(*hashes, executed(path)).digests);
  CHECK_FALSE(hashes->save_cache());
}
