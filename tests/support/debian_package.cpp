// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/debian_package.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <thread>

#include "support/child.hpp"

namespace tocsin::test {
namespace {

constexpr int kLockTries = 60;  // a second each: somebody else may be installing

Finished dpkg(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {"env", "DEBIAN_FRONTEND=noninteractive", "dpkg"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  for (int i = 1;; ++i) {
    auto done = run_program(argv);
    if (done.exit_code == 0 || i == kLockTries || done.err.find("lock") == std::string::npos)
      return done;
    std::this_thread::sleep_for(Millis(1'000));
  }
}

void put(const std::filesystem::path& path, const std::string& content, unsigned mode) {
  std::filesystem::create_directories(path.parent_path());
  write_file(path, content);
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
}

}  // namespace

std::string DebianPackage::lacks() {
  if (!std::filesystem::exists("/var/lib/dpkg/status")) return "this host has no dpkg";
  if (run_program({"sh", "-c", "command -v dpkg-deb md5sum"}).exit_code != 0)
    return "dpkg-deb or md5sum is not installed";
  return {};
}

DebianPackage::DebianPackage(std::string name) : name_(std::move(name)) {
  (void)dpkg({"--purge", name_});  // of a run that was killed
}

DebianPackage::~DebianPackage() {
  try {
    (void)dpkg({"--purge", name_});
  } catch (const std::exception&) {  // nothing more can be done
  }
}

void DebianPackage::install(const std::string& version, const std::vector<File>& files,
                            const std::string& postinst) {
  const TempDir build;
  const auto tree = build / "tree";
  for (const auto& file : files) put(tree / file.path.substr(1), file.content, file.mode);
  put(tree / "DEBIAN/control",
      fmt::format("Package: {}\nVersion: {}\nArchitecture: all\nMaintainer: tocsin tests "
                  "<tests@tocsin.test>\nDescription: a package of tocsin's tests\n",
                  name_, version),
      0644);
  if (!postinst.empty()) put(tree / "DEBIAN/postinst", postinst, 0755);
  // dpkg itself records no digests.
  const auto sums = run_program(
      {"sh", "-c",
       "cd $0 && find . -path ./DEBIAN -prune -o -type f -printf '%P\\n' | xargs md5sum", tree});
  put(tree / "DEBIAN/md5sums", sums.out, 0644);
  const auto deb = build.file("package.deb");
  for (const auto& done : {run_program({"dpkg-deb", "--build", "--root-owner-group", tree, deb}),
                           dpkg({"--install", deb})})
    if (done.exit_code != 0) throw std::runtime_error("dpkg: " + done.out + done.err);
}

}  // namespace tocsin::test
