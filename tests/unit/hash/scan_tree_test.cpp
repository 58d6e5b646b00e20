// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/scan_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
namespace fs = std::filesystem;

namespace {

struct Scanned {
  std::map<std::string, ScannedFile> files;
  std::map<std::string, Error> errors;
  std::uint64_t progress_calls = 0;
  Result<ScanProgress> progress = ScanProgress{};
};

Scanned scan(const std::string& path, ScanOptions options = {}) {
  Scanned out;
  options.on_file = [&](const ScannedFile& file) { out.files.emplace(file.path, file); };
  options.on_error = [&](const std::string& at, const Error& e) { out.errors.emplace(at, e); };
  options.on_progress = [&](const ScanProgress&) { ++out.progress_calls; };
  out.progress = scan_tree(path, options);
  return out;
}

}  // namespace

TEST_CASE("every regular file of a tree is hashed, and nothing outside it") {
  const TempDir dir;
  dir.write("outside/secret", "secret");
  dir.write("tree/a", "a");
  dir.write("tree/b/c/d", std::string(300'000, 'd'));
  dir.write("tree/b/empty", "");
  dir.write("tree/.hidden", "h");
  fs::create_symlink(dir.file("outside"), dir.file("tree/link_to_folder"));
  fs::create_symlink(dir.file("outside/secret"), dir.file("tree/link_to_file"));
  fs::create_symlink(".", dir.file("tree/loop"));
  REQUIRE(mkfifo(dir.file("tree/fifo").c_str(), 0600) == 0);

  const auto found = scan(dir.file("tree"));
  REQUIRE(found.progress);
  std::size_t expected = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir.file("tree"))) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    ++expected;
    const auto path = entry.path().string();
    CAPTURE(path);
    REQUIRE(found.files.contains(path));
    CHECK(found.files.at(path).digests.sha256.hex() == sha256sum(path));
    CHECK(found.files.at(path).size == entry.file_size());
  }
  CHECK(expected == 4);
  CHECK(found.files.size() == expected);
  CHECK(found.errors.empty());
  CHECK(found.progress->files == expected);
  CHECK(found.progress->bytes == 300'002);
  CHECK(found.progress->directories == 3);
  CHECK(found.progress->not_regular == 4);
  CHECK(found.progress_calls == expected + 3);
}

TEST_CASE("what there is to hash is counted without opening it") {
  const TempDir dir;
  dir.write("tree/a", "a");
  dir.write("tree/b/c", std::string(300'000, 'c'));
  REQUIRE(mkfifo(dir.file("tree/fifo").c_str(), 0600) == 0);
  fs::create_symlink(dir.file("tree/a"), dir.file("tree/link"));
  ScanOptions options;
  options.count_only = true;
  for (const auto* path : {"tree", "tree/b/c"}) {
    const auto counted = scan(dir.file(path), options);
    const auto hashed = scan(dir.file(path));
    REQUIRE(counted.progress);
    CHECK(counted.files.empty());
    CHECK(counted.progress->files == hashed.progress->files);
    CHECK(counted.progress->bytes == hashed.progress->bytes);
  }
}

TEST_CASE("a single file may be scanned, also through a link that the person named") {
  const TempDir dir;
  const auto path = dir.write("file", "abc");
  fs::create_symlink(path, dir.file("link"));
  fs::create_symlink(dir.path(), dir.file("folder_link"));
  ScanOptions options;
  options.needs = {true, false};
  for (const auto& name : {path, dir.file("link")}) {
    const auto found = scan(name, options);
    REQUIRE(found.files.contains(name));
    CHECK(found.files.at(name).digests.sha1.value().hex() ==
          "a9993e364706816aba3e25717850c26c9cd0d89d");
  }
  CHECK(scan(dir.file("folder_link")).files.contains(dir.file("folder_link") + "/file"));
}

TEST_CASE("what is not there or is no file is an error with its name") {
  const TempDir dir;
  const auto absent = scan(dir.file("absent"));
  REQUIRE_FALSE(absent.progress);
  CHECK(absent.progress.error().code == ErrorCode::kNotFound);
  CHECK(absent.progress.error().message.find(dir.file("absent")) != std::string::npos);
  CHECK_FALSE(scan("/dev/null").progress);
}

TEST_CASE("files that cannot be taken are reported one by one and the rest goes on") {
  const TempDir dir;
  dir.write("a", std::string(2000, 'a'));
  dir.write("b", "b");
  ScanOptions options;
  options.max_bytes = 1000;
  const auto found = scan(dir.path().string(), options);
  REQUIRE(found.progress);
  CHECK(found.progress->files == 1);
  CHECK(found.progress->errors == 1);
  REQUIRE(found.errors.contains(dir.file("a")));
  CHECK(found.errors.at(dir.file("a")).code == ErrorCode::kLimit);

  if (geteuid() != 0) {  // root can read everything
    REQUIRE(chmod(dir.file("b").c_str(), 0) == 0);
    CHECK(scan(dir.path().string()).errors.at(dir.file("b")).code == ErrorCode::kPermission);
  }
}

TEST_CASE("folders deeper than the limit are reported, not entered") {
  const TempDir dir;
  fs::path deep = dir.path();
  for (std::size_t i = 0; i < kScanDepthMax + 1; ++i) deep /= "d";
  fs::create_directories(deep);
  const auto found = scan(dir.path().string());
  REQUIRE(found.progress);
  CHECK(found.progress->directories == kScanDepthMax);
  CHECK(found.progress->errors == 1);
}

TEST_CASE("file systems of the kernel are not entered") {
  const auto found = scan("/proc");
  REQUIRE(found.progress);
  CHECK(found.progress->files == 0);
  CHECK(found.progress->pseudo == 1);
}

TEST_CASE("a scan stops when asked to, also within a file") {
  const TempDir dir;
  for (int i = 0; i < 10; ++i) dir.write("file" + std::to_string(i), "x");
  std::stop_source stop;
  ScanOptions options;
  options.stop = stop.get_token();
  std::size_t files = 0;
  options.on_file = [&](const ScannedFile&) {
    if (++files == 3) stop.request_stop();
  };
  const auto progress = scan_tree(dir.path().string(), options);
  REQUIRE(progress);
  CHECK(progress->stopped);
  CHECK(files == 3);
}

TEST_CASE("scanning leaves the access time alone where that is permitted") {
  const TempDir dir;
  const auto path = dir.write("file", "x");
  const timespec times[2] = {{1000, 0}, {2000, 0}};  // an old access, older than the change
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  CHECK(scan(path).files.size() == 1);
  struct stat st {};
  REQUIRE(stat(path.c_str(), &st) == 0);
  CHECK(st.st_atim.tv_sec == 1000);
}
