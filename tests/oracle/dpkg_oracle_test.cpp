// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The index of packages beside dpkg's own answers on this host.
#include <fcntl.h>

#include <map>
#include <sstream>

#include "base/fd.hpp"
#include "hash/digest_file.hpp"
#include "packages/package_database.hpp"
#include "support/child.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSample = 200;

std::vector<std::string> sample_of(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec))
    if (it->is_regular_file() && !it->is_symlink() && out.size() < kSample)
      out.push_back(it->path().string());
  return out;
}

// "package:arch, other: /path" -> path to packages. dpkg lists what was packaged below /bin or /lib
// under that name.
std::map<std::string, std::string> dpkg_owners(const std::vector<std::string>& paths) {
  std::vector<std::string> argv = {"dpkg-query", "-S"};
  for (const auto& path : paths) {
    argv.push_back(path);
    argv.push_back(path.substr(4));  // without "/usr"
  }
  std::istringstream lines(run_program(argv).out);
  std::map<std::string, std::string> owners;
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.rfind(": /");
    if (colon == std::string::npos || line.starts_with("diversion ")) continue;
    const auto path = line.substr(colon + 2);
    owners[path.starts_with("/usr/") ? path : "/usr" + path] = line.substr(0, colon);
  }
  return owners;
}

bool dpkg_is_there() {
  return fs::exists("/var/lib/dpkg/status") && fs::is_symlink("/bin");
}

FileDigests digests_of(const std::string& path) {
  auto digester = FileDigester::create();
  REQUIRE(digester);
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  DigestOptions options;
  options.needs.md5 = true;
  const auto read = digester->digest(fd.get(), options);
  REQUIRE(read.digests);
  return *read.digests;
}

}  // namespace

TEST_CASE("owners are those that dpkg names", "[oracle][packages]") {
  if (!dpkg_is_there()) return;
  const auto reading = read_packages("/");
  REQUIRE(reading.complete());
  std::size_t owned = 0;
  for (const auto* folder : {"/usr/bin", "/usr/lib/x86_64-linux-gnu", "/usr/sbin"}) {
    const auto paths = sample_of(folder);
    if (paths.empty()) continue;
    const auto expected = dpkg_owners(paths);
    for (const auto& path : paths) {
      const auto owner = reading.index->owner_of(path);
      const auto known = expected.find(path);
      INFO(path);
      REQUIRE(owner.has_value() == (known != expected.end()));
      if (!owner) continue;
      ++owned;
      CHECK(known->second.find(std::string(owner->name)) != std::string::npos);
    }
  }
  CHECK(owned > 0);
}

TEST_CASE("what dpkg verifies is intact", "[oracle][packages]") {
  if (!dpkg_is_there()) return;
  const auto reading = read_packages("/");
  std::size_t compared = 0;
  for (const auto* package : {"coreutils", "bash", "dpkg"}) {
    if (!run_program({"dpkg", "--verify", package}).out.empty()) continue;
    std::istringstream paths(run_program({"dpkg-query", "-L", package}).out);
    for (std::string path; std::getline(paths, path);) {
      std::error_code ec;
      if (!fs::is_regular_file(path, ec) || fs::is_symlink(path, ec)) continue;
      const auto truly = fs::canonical(path).string();
      const auto owner = reading.index->owner_of(truly);
      INFO(truly);
      REQUIRE(owner);
      const auto intact = reading.index->intact(*owner, digests_of(truly));
      CHECK(intact.value_or(true));
      compared += intact ? 1 : 0;
    }
  }
  CHECK(compared > 50);
}
