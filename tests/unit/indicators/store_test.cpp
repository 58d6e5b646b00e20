// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/limits.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
namespace fs = std::filesystem;

namespace {

// A folder of sets that goes away with the test.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "tocsin-store-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path write(const std::string& name, std::string_view text) const {
    std::ofstream(path / name, std::ios::binary | std::ios::trunc) << text;
    return path / name;
  }
  fs::path path;
};

IndicatorStore loaded(std::vector<fs::path> paths) {
  auto store = IndicatorStore::create(std::move(paths)).value();
  REQUIRE(store.reload(0));
  return store;
}

std::size_t hits(const IndicatorStore& store, std::string_view name) {
  return store.current()->find_domain(name, 0).size();
}

const SetFileStatus& status(const IndicatorStore& store, const fs::path& path) {
  for (const auto& file : store.files())
    if (file.path == path) return file;
  FAIL("no status of " << path);
  return store.files().front();
}

}  // namespace

TEST_CASE("a store loads the sets of folders and files", "[indicators]") {
  const Folder folder;
  const Folder other;
  const auto a = folder.write("a.ioc", "# set: first\ndomain,a.com\nnonsense\ndomain,a.com\n");
  folder.write("b.csv", "domain,b.com\ndomain,maybe.com,review\n");
  folder.write("README.md", "domain,c.com\n");
  folder.write(".hidden.ioc", "domain,d.com\n");
  const auto single =
      other.write("list.txt", "domain,e.com\nmd5,0123456789abcdef0123456789abcdef\n");
  const auto store = loaded({folder.path, single, folder.path / "a.ioc"});
  REQUIRE(store.files().size() == 3);
  CHECK(hits(store, "a.com") == 1);
  CHECK(hits(store, "b.com") == 1);
  CHECK(hits(store, "e.com") == 1);
  for (const auto* name : {"c.com", "d.com", "maybe.com"}) CHECK(hits(store, name) == 0);
  CHECK(store.need_md5());
  CHECK_FALSE(store.need_sha1());
  const auto& first = status(store, a);
  CHECK(first.summary.meta.set == "first");
  CHECK(first.summary.refused == 1);
  CHECK(first.summary.refusals.at(0).line == 3);
  CHECK(first.duplicates == 1);
  CHECK(first.mtime_ns > 0);
  CHECK(first.error.empty());
  CHECK(store.watch_paths() == std::vector<fs::path>{folder.path, other.path});
}

TEST_CASE("a reload swaps the whole index and leaves old readers alone", "[indicators]") {
  const Folder folder;
  folder.write("a.ioc", "domain,a.com\n");
  auto store = loaded({folder.path});
  const auto old = store.current();
  folder.write("a.ioc", "domain,b.com\n");
  folder.write("c.ioc", "domain,c.com\n");
  REQUIRE(store.reload(0));
  CHECK(old->find_domain("a.com", 0).size() == 1);
  CHECK(hits(store, "a.com") == 0);
  CHECK(hits(store, "b.com") == 1);
  CHECK(hits(store, "c.com") == 1);
  fs::remove(folder.path / "c.ioc");
  REQUIRE(store.reload(0));
  CHECK(hits(store, "c.com") == 0);
  CHECK(store.files().size() == 1);
}

TEST_CASE("a file that breaks keeps its old content", "[indicators]") {
  const Folder folder;
  const auto a =
      folder.write("a.ioc", "# set: keep\ndomain,a.com,note=n,severity=low\nip,203.0.113.1\n");
  folder.write("b.ioc", "domain,b.com\n");
  auto store = loaded({folder.path});
  const auto check_kept = [&](std::string_view reason) {
    REQUIRE(store.reload(0));
    const auto found = store.current()->find_domain("a.com", 0);
    REQUIRE(found.size() == 1);
    CHECK(found[0].set == "keep");
    CHECK(found[0].place == "a.ioc:2");
    CHECK(found[0].note == "n");
    CHECK(found[0].severity == Severity::kLow);
    CHECK(store.current()->find(*IpAddress::parse("203.0.113.1"), 0).size() == 1);
    CHECK(hits(store, "b.com") == 1);
    CHECK(status(store, a).kept_old);
    CHECK_THAT(status(store, a).error, Catch::Contains(std::string(reason)));
  };
  folder.write("a.ioc", "<html>not found</html>\n");
  check_kept("no line");
  folder.write("a.ioc", std::string_view("\xff\xfe"
                                         "d\0\n\0",
                                         6));
  check_kept("UTF-16");
  fs::remove(a);
  REQUIRE(::mkfifo(a.c_str(), 0600) == 0);
  check_kept("not a regular file");
  fs::remove(a);
  folder.write("a.ioc", "domain,new.com\n");
  REQUIRE(store.reload(0));
  CHECK(hits(store, "a.com") == 0);
  CHECK(hits(store, "new.com") == 1);
  CHECK_FALSE(status(store, a).kept_old);
}

TEST_CASE("a configured file that is missing is reported, and kept if it was there",
          "[indicators]") {
  const Folder folder;
  const auto a = folder.write("a.ioc", "domain,a.com\n");
  auto store = loaded({a, folder.path / "never.ioc"});
  CHECK_THAT(status(store, folder.path / "never.ioc").error, Catch::Contains("opening"));
  CHECK_FALSE(status(store, folder.path / "never.ioc").kept_old);
  fs::remove(a);
  REQUIRE(store.reload(0));
  CHECK(hits(store, "a.com") == 1);
  CHECK(status(store, a).kept_old);
}

TEST_CASE("a compiled file joins in, and a torn one leaves the old", "[indicators]") {
  const Folder folder;
  const auto path = folder.path / "big.iocx";
  REQUIRE(write_index_file(path, test::compile("domain,compiled.com\n")));
  folder.write("a.ioc", "domain,a.com\n");
  auto store = loaded({folder.path});
  CHECK(hits(store, "compiled.com") == 1);
  CHECK(hits(store, "a.com") == 1);
  CHECK(store.current()->size() == 2);
  CHECK(status(store, path).compiled);
  auto torn = test::compile("domain,other.com\n");
  torn.resize(torn.size() / 2);
  folder.write("big.iocx", {reinterpret_cast<const char*>(torn.data()), torn.size()});
  REQUIRE(store.reload(0));
  CHECK(hits(store, "compiled.com") == 1);
  CHECK(hits(store, "other.com") == 0);
  CHECK(status(store, path).kept_old);
  CHECK_THAT(status(store, path).error, Catch::Contains("truncated"));
}

TEST_CASE("more files than the limit are counted", "[indicators]") {
  const Folder folder;
  for (std::size_t i = 0; i < limits::kIndicatorFilesMax + 3; ++i)
    folder.write("f" + std::to_string(i) + ".ioc", "domain,a" + std::to_string(i) + ".com\n");
  const auto store = loaded({folder.path});
  CHECK(store.files().size() == limits::kIndicatorFilesMax);
  CHECK(store.files_over_limit() == 3);
}

TEST_CASE("what a site exempts is left out of every set, and shown", "[indicators]") {
  const Folder folder;
  const auto set = folder.write("a.ioc",
                                "# set: first\ndomain,a.com\ndomain,b.com\nip,198.51.100.7\n"
                                "sha256," +
                                    std::string(64, 'a') + "\n");
  CHECK(hits(loaded({folder.path}), "a.com") == 1);
  const auto exempt = folder.write("site.exempt",
                                   "domain,A.com,note=our own update server\n"
                                   "domain,b.com\n"  // says no reason
                                   "cidr,198.51.100.7/32,note=the proxy\n"
                                   "domain,b.com,note=old,expires=1970-01-01\n"
                                   "sha256," +
                                       std::string(64, 'a') + ",note=the backup agent\n");
  auto store = IndicatorStore::create({folder.path}).value();
  REQUIRE(store.reload(kNsPerSecond));
  CHECK(hits(store, "a.com") == 0);
  CHECK(hits(store, "b.com") == 1);
  CHECK(store.current()->size() == 1);
  CHECK(status(store, set).exempted == 3);
  CHECK(status(store, exempt).exempts == 4);
  CHECK(status(store, exempt).summary.refused == 1);
  CHECK(status(store, exempt).summary.accepted_total() == 0);
  // It is taken back with its file.
  fs::remove(exempt);
  REQUIRE(store.reload(kNsPerSecond));
  CHECK(hits(store, "a.com") == 1);
}

TEST_CASE("a file of exemptions that goes bad keeps what it exempted", "[indicators]") {
  const Folder folder;
  folder.write("a.ioc", "# set: first\ndomain,a.com\ndomain,b.com\ndomain,c.com\n");
  const auto exempt = folder.write("site.exempt",
                                   "domain,a.com,note=ours\n"
                                   "domain,b.com,note=for a day,expires=1970-01-02\n");
  auto store = loaded({folder.path});
  CHECK(store.current()->size() == 1);
  // No line can be taken; what has expired meanwhile is watched for again.
  folder.write("site.exempt", "domain,c.com\nnonsense\n");
  for (int round = 0; round < 2; ++round) {
    REQUIRE(store.reload(2 * 86'400 * kNsPerSecond));
    CHECK(hits(store, "a.com") == 0);
    CHECK(hits(store, "b.com") == 1);
    CHECK(hits(store, "c.com") == 1);
    CHECK(status(store, exempt).kept_old);
    CHECK(status(store, exempt).exempts == 1);
    CHECK(status(store, exempt).error == "no line of the file could be taken");
  }
  // It cannot be read at all.
  fs::remove(exempt);
  fs::create_symlink("nowhere", exempt);
  REQUIRE(store.reload(0));
  CHECK(hits(store, "a.com") == 0);
  CHECK(status(store, exempt).kept_old);
  CHECK_FALSE(status(store, exempt).error.empty());
  // An empty file is a wish.
  fs::remove(exempt);
  folder.write("site.exempt", "");
  REQUIRE(store.reload(0));
  CHECK(hits(store, "a.com") == 1);
  CHECK(status(store, exempt).error.empty());
}

TEST_CASE("a bad file of exemptions that was never good exempts nothing", "[indicators]") {
  const Folder folder;
  folder.write("a.ioc", "# set: first\ndomain,a.com\n");
  const auto exempt = folder.write("site.exempt", "domain,a.com\n");
  const auto store = loaded({folder.path});
  CHECK(hits(store, "a.com") == 1);
  CHECK_FALSE(status(store, exempt).kept_old);
  CHECK(status(store, exempt).error == "no line of the file could be taken");
}

TEST_CASE("exempted rows stay out when a set falls back to its old content", "[indicators]") {
  const Folder folder;
  const auto set = folder.write("a.ioc", "# set: first\ndomain,a.com\ndomain,b.com\n");
  auto store = loaded({folder.path});
  folder.write("a.ioc", "nonsense\n");
  folder.write("site.exempt", "domain,a.com,note=ours\n");
  REQUIRE(store.reload(0));
  CHECK(status(store, set).kept_old);
  CHECK(hits(store, "a.com") == 0);
  CHECK(hits(store, "b.com") == 1);
}
