// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/socket_acl.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/fd.hpp"
#include "control/socket_address.hpp"
#include "support/kernel.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr uid_t kRelay = 64'123, kOther = 64'124, kStranger = 64'125;

// Whether this user, of no known group, gets through to a socket.
bool connects(const std::string& path, uid_t user) {
  const pid_t child = fork();
  if (child == 0) {
    const auto address = control::socket_address(path);
    const Fd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const bool in = setgid(user) == 0 && setuid(user) == 0 && address &&
                    connect(client.get(), address->get(), address->length) == 0;
    _exit(in ? 0 : 1);
  }
  int status = -1;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("two users more may connect to a socket, and no other", "[control]") {
  if (geteuid() != 0) return print_skipped("users let in by a list", "not root");
  const TempDir dir;
  const auto path = dir.file("control.sock");
  const Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = control::socket_address(path);
  REQUIRE(address);
  REQUIRE(bind(listener.get(), address->get(), address->length) == 0);
  REQUIRE(chmod(path.c_str(), 0660) == 0);
  REQUIRE(listen(listener.get(), 4) == 0);
  CHECK_FALSE(connects(path, kRelay));
  const auto let_in = control::let_users_in(path, std::array{kRelay, kOther});
  if (!let_in && let_in.error().message.find("not supported") != std::string::npos)
    return print_skipped("users let in by a list", let_in.error().message);
  REQUIRE(let_in);
  CHECK(connects(path, kRelay));
  CHECK(connects(path, kOther));
  CHECK_FALSE(connects(path, kStranger));
}

TEST_CASE("letting a user in fails where nothing is", "[control]") {
  const TempDir dir;
  const auto let_in = control::let_users_in(dir.file("nothing"), std::array{kRelay});
  REQUIRE_FALSE(let_in);
  CHECK(let_in.error().message.find("nothing") != std::string::npos);
}
