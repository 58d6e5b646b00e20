// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/instance_lock.hpp"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

#include "base/namespaces.hpp"
#include "support/child.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::Child;
using test::Millis;
using test::TempDir;

constexpr std::uint32_t kFirstPidNamespace = 0xeffffffc;

// Runs a shell command that says "held" when it holds the lock; false: it could not.
bool holds(Child& holder) {
  for (int i = 0; i < 500 && holder.running() && holder.out().empty(); ++i)
    std::this_thread::sleep_for(Millis(10));
  return holder.out() == "held\n";
}

void print_skipped(const char* what, const std::string& why) {
  std::printf("SKIPPED %s: %s\n", what, why.c_str());
}

}  // namespace

TEST_CASE("the lock is taken, and again when its holder is gone", "[instance_lock]") {
  const TempDir dir;
  std::string foreign;
  {
    const auto lock = take_instance_lock("", dir.path(), &foreign);
    REQUIRE(lock);
    CHECK(*lock);
  }
  CHECK(take_instance_lock("", dir.path(), &foreign));
  CHECK(foreign.empty());
}

TEST_CASE("a lock whose holder could be anybody's is told and not respected", "[instance_lock]") {
  const TempDir dir;
  const auto file = dir.file("tocsind.lock");
  test::write_file(file, "");
  const std::string how = GENERATE("-x", "-s");
  Child holder({.argv = {"flock", "-F", how, file, "sh", "-c", "echo held; exec sleep 60"}});
  REQUIRE(holds(holder));
  std::string foreign;
  const auto lock = take_instance_lock("", dir.path(), &foreign);
  REQUIRE(lock);
  INFO(foreign);
  CHECK(foreign.starts_with("pid " + std::to_string(holder.pid())));
  CHECK(foreign.find("(sleep) holds tocsin's lock without being a monitor") != std::string::npos);
}

TEST_CASE("a process in a user namespace of its own is no monitor, whatever its name",
          "[instance_lock]") {
  const TempDir dir;
  const auto file = dir.file("tocsind.lock");
  test::write_file(file, "");
  std::filesystem::copy_file("/bin/sh", dir.file("tocsind"));
  Child holder({.argv = {"unshare", "-Ur", "flock", "-F", "-x", file, dir.file("tocsind"), "-c",
                         "echo held; kill -STOP $$"}});
  if (!holds(holder)) return print_skipped("a lock from a user namespace", holder.err());
  std::string foreign;
  CHECK(take_instance_lock("", dir.path(), &foreign));
  CHECK(foreign.find("(tocsind) holds tocsin's lock without being") != std::string::npos);
}

TEST_CASE("a program called tocsind with the rights of one is a monitor", "[instance_lock]") {
  if (geteuid() != 0) return print_skipped("a lock of a monitor", "not root");
  const TempDir dir;
  const auto file = dir.file("tocsind.lock");
  test::write_file(file, "");
  std::filesystem::copy_file("/bin/sh", dir.file("tocsind"));
  Child holder(
      {.argv = {"flock", "-F", "-x", file, dir.file("tocsind"), "-c", "echo held; kill -STOP $$"}});
  REQUIRE(holds(holder));
  std::filesystem::remove(dir / "tocsind");  // as an upgrade does
  std::string foreign;
  const auto lock = take_instance_lock("", dir.path(), &foreign);
  REQUIRE_FALSE(lock);
  CHECK(lock.error().code == ErrorCode::kBusy);
  CHECK(lock.error().message.find("another tocsind is running") != std::string::npos);
}

TEST_CASE("a lock that was left by a process that is gone is no monitor's", "[instance_lock]") {
  if (own_namespace("pid") != kFirstPidNamespace)
    return print_skipped("a lock that was left", "not all processes are visible from here");
  const TempDir dir;
  const auto file = dir.file("tocsind.lock");
  test::write_file(file, "");
  Child holder({.argv = {"sh", "-c", "exec 9<$0; flock -x 9; echo held; exec sleep 60", file}});
  REQUIRE(holds(holder));
  std::string foreign;
  const auto lock = take_instance_lock("", dir.path(), &foreign);
  REQUIRE(lock);
  CHECK(foreign.starts_with("a process that is gone left tocsin's lock"));
}

}  // namespace tocsin
