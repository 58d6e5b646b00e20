// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/digest_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "base/fd.hpp"
#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

FileDigester digester() {
  auto made = FileDigester::create();
  REQUIRE(made);
  return std::move(*made);
}

Fd readable(const std::string& path) {
  return Fd(open(path.c_str(), O_RDONLY | O_NONBLOCK));
}

DigestOutcome digest(const std::string& path, const DigestOptions& options = {}) {
  auto with = digester();
  return with.digest(readable(path).get(), options);
}

DigestOptions all() {
  DigestOptions options;
  options.needs = {true, true};
  return options;
}

std::string random_bytes(std::size_t size) {
  std::mt19937 rng(static_cast<unsigned>(size) + 1);
  std::string out(size, '\0');
  for (auto& c : out) c = static_cast<char>(rng());
  return out;
}

}  // namespace

TEST_CASE("digests of the published test vectors") {
  const TempDir dir;
  struct Vector {
    std::string content, sha256, sha1, md5;
  };
  const Vector vectors[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
       "da39a3ee5e6b4b0d3255bfef95601890afd80709", "d41d8cd98f00b204e9800998ecf8427e"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
       "a9993e364706816aba3e25717850c26c9cd0d89d", "900150983cd24fb0d6963f7d28e17f72"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
       "34aa973cd4c4daa4f61eeb2bdbad27316534016f", "7707d6ae4e027c70eea2a935c2296f21"}};
  auto with = digester();
  if (!with.available().md5) WARN("OpenSSL gives no MD5 here (FIPS): not compared");
  for (const auto& vector : vectors) {
    const auto fd = readable(dir.write("file", vector.content));
    const auto read = with.digest(fd.get(), all());
    REQUIRE(read.digests);
    CHECK(read.digests->sha256.hex() == vector.sha256);
    CHECK(read.digests->sha1.value().hex() == vector.sha1);
    if (with.available().md5) CHECK(read.digests->md5.value().hex() == vector.md5);
    CHECK(read.bytes_read == vector.content.size());
  }
}

TEST_CASE("digests agree with sha256sum around the chunk size") {
  const TempDir dir;
  for (const std::size_t size :
       {std::size_t{1}, kDigestChunkBytes - 1, kDigestChunkBytes, kDigestChunkBytes + 1,
        2 * kDigestChunkBytes, 3 * kDigestChunkBytes + 7}) {
    const auto path = dir.write("file", random_bytes(size));
    const auto read = digest(path);
    REQUIRE(read.digests);
    CHECK(read.digests->sha256.hex() == sha256sum(path));
    CHECK_FALSE(read.digests->sha1);
    CHECK_FALSE(read.digests->md5);
  }
}

TEST_CASE("a descriptor is read from the start, wherever its offset stands") {
  const TempDir dir;
  const auto path = dir.write("file", "abc");
  const auto fd = readable(path);
  REQUIRE(lseek(fd.get(), 2, SEEK_SET) == 2);
  const auto read = digester().digest(fd.get(), {});
  REQUIRE(read.digests);
  CHECK(read.digests->sha256.hex() == sha256sum(path));
}

TEST_CASE("what is no regular file is refused without reading") {
  const TempDir dir;
  REQUIRE(mkfifo(dir.file("fifo").c_str(), 0600) == 0);
  for (const auto& path : {dir.path().string(), dir.file("fifo"), std::string("/dev/zero")}) {
    const auto read = digest(path);
    CHECK_FALSE(read.digests);
    CHECK(read.miss == HashMiss::kNotRegular);
    CHECK(read.bytes_read == 0);
  }
}

TEST_CASE("the size limit is a limit on the file, and says the sizes") {
  const TempDir dir;
  const auto path = dir.write("file", std::string(1000, 'x'));
  DigestOptions options;
  options.max_bytes = 1000;
  CHECK(digest(path, options).digests);
  options.max_bytes = 999;
  const auto read = digest(path, options);
  CHECK(read.miss == HashMiss::kTooLarge);
  CHECK(read.bytes_read == 0);
  CHECK(read.detail == "1000 bytes, the limit is 999");
}

TEST_CASE("another file than expected is not hashed") {
  const TempDir dir;
  const auto path = dir.write("file", "first");
  const auto expected = identity_of(path);
  DigestOptions options;
  options.expected = &expected;
  CHECK(digest(path, options).digests);
  let_clock_tick();
  dir.write("file", "other");
  const auto read = digest(path, options);
  CHECK_FALSE(read.digests);
  CHECK(read.miss == HashMiss::kChanged);
  CHECK(read.bytes_read == 0);
}

TEST_CASE("a file that changes while it is read has no digest") {
  const TempDir dir;
  const auto path = dir.write("file", "x");
  REQUIRE(truncate(path.c_str(), 256 << 20) == 0);
  const auto change = GENERATE(0, 1, 2);
  CAPTURE(change);
  std::atomic<std::int64_t> pulse{0};
  DigestOptions options;
  options.pulse_ns = &pulse;
  std::thread writer([&] {
    while (pulse.load() == 0) std::this_thread::yield();
    const Fd fd(open(path.c_str(), O_WRONLY));
    if (change == 0 && pwrite(fd.get(), "y", 1, 0) != 1) std::abort();
    if (change == 1 && ftruncate(fd.get(), (256 << 20) + 1) != 0) std::abort();
    if (change == 2 && ftruncate(fd.get(), 1) != 0) std::abort();
  });
  const auto read = digest(path, options);
  writer.join();
  CHECK_FALSE(read.digests);
  CHECK(read.miss == HashMiss::kChanged);
}

TEST_CASE("reading a large file stops when asked to") {
  const TempDir dir;
  const auto path = dir.write("file", "x");
  REQUIRE(truncate(path.c_str(), 4LL << 30) == 0);
  std::stop_source stop;
  std::atomic<std::int64_t> pulse{0};
  DigestOptions options;
  options.stop = stop.get_token();
  options.pulse_ns = &pulse;
  std::thread stopper([&] {
    while (pulse.load() == 0) std::this_thread::yield();
    stop.request_stop();
  });
  const auto read = digest(path, options);
  stopper.join();
  CHECK(read.stopped);
  CHECK_FALSE(read.digests);
  CHECK(read.bytes_read < 4ULL << 30);
}
