// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "control/client.hpp"
#include "control/peer.hpp"
#include "control/server.hpp"
#include "control/socket_address.hpp"
#include "support/control_bench.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
using control::Access;
using control::Client;
using nlohmann::json;

namespace {

constexpr uid_t kNobody = 65534;

bool root_or_say(const char* name) {
  if (geteuid() == 0) return true;
  std::printf("SKIPPED %s: needs root to become somebody else\n", name);
  return false;
}

// Runs act as another user in a child while the parent serves; what act returns.
int as_user(ControlBench& bench, std::vector<gid_t> groups, const std::function<int()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    if (setgroups(groups.size(), groups.data()) != 0 || setgid(kNobody) != 0 ||
        setuid(kNobody) != 0)
      _exit(100);
    _exit(act());
  }
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0)
    if (!bench.loop.run_once(1000)) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int code_of(const Error& error) {
  return 10 + static_cast<int>(error.code);
}

int ask_once(const std::string& path, const std::string& command) {
  auto client = Client::connect(path);
  if (!client) return code_of(client.error());
  const auto answer = client->ask(command);
  return answer ? 0 : code_of(answer.error());
}

}  // namespace

TEST_CASE("who may do what", "[control]") {
  control::Peer peer;
  peer.uid = 1000;
  peer.gid = 1000;
  peer.groups = {4, 27};
  CHECK(access_of(peer, {27, 990}) == Access::kRead);
  CHECK(access_of(peer, {1000, 990}) == Access::kRead);
  CHECK(access_of(peer, {28, 990}) == Access::kNone);
  CHECK(access_of(peer, {std::nullopt, 990}) == Access::kNone);
  CHECK(access_of(peer, {std::nullopt, 1000}) == Access::kRead);
  peer.uid = 0;
  CHECK(access_of(peer, {std::nullopt, 990}) == Access::kChange);
}

TEST_CASE("many groups of a peer are all read", "[control]") {
  if (!root_or_say("many groups of a peer")) return;
  std::vector<gid_t> groups;
  for (gid_t g = 0; g < 500; ++g) groups.push_back(70'000 + g);
  int sockets[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
  const Fd a(sockets[0]), b(sockets[1]);
  // A socket pair carries the credentials of whoever made it.
  const pid_t child = fork();
  if (child == 0) {
    int pair[2];
    if (setgroups(groups.size(), groups.data()) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
      _exit(2);
    const auto peer = control::peer_of(pair[0]);
    _exit(peer && peer->groups == groups ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(control::peer_of(a.get())->pid == getpid());
}

TEST_CASE("a reader may ask and may not change", "[control]") {
  if (!root_or_say("a reader may ask and may not change")) return;
  ControlBench bench("nogroup");  // the group of nobody
  REQUIRE(chmod(bench.dir.path().c_str(), 0755) == 0);
  CHECK(as_user(bench, {}, [&] { return ask_once(bench.path(), "status"); }) == 0);
  CHECK(as_user(bench, {}, [&] { return ask_once(bench.path(), "reload"); }) ==
        10 + static_cast<int>(ErrorCode::kPermission));
  CHECK(bench.backend.reloads == 0);
  CHECK(as_user(bench, {}, [&] {
          auto client = Client::connect(bench.path());
          if (!client || client->may_change()) return 1;
          // A descriptor from a reader is not even taken.
          if (!client->request("record", json::object(), STDOUT_FILENO)) return 2;
          const auto item = client->next();
          return item || item.error().code != ErrorCode::kPermission ? 3 : 0;
        }) == 0);
}

TEST_CASE("a stranger is refused in words", "[control]") {
  if (!root_or_say("a stranger is refused in words")) return;
  ControlBench bench("adm");
  REQUIRE(chmod(bench.dir.path().c_str(), 0755) == 0);
  const auto permission = 10 + static_cast<int>(ErrorCode::kPermission);
  // The mode of the socket keeps strangers out already.
  CHECK(as_user(bench, {}, [&] { return ask_once(bench.path(), "status"); }) == permission);
  CHECK(bench.server->counters().refused == 0);
  // With the mode loosened the server still asks the kernel who it is.
  REQUIRE(chmod(bench.path().c_str(), 0666) == 0);
  CHECK(as_user(bench, {}, [&] {
          const auto client = Client::connect(bench.path());
          if (client) return 1;
          return client.error().message.find("\"adm\"") == std::string::npos
                     ? 2
                     : code_of(client.error());
        }) == permission);
  CHECK(bench.server->counters().refused == 1);
  CHECK(as_user(bench, {getgrnam("adm")->gr_gid},
                [&] { return ask_once(bench.path(), "status"); }) == 0);
}

TEST_CASE("readers leave room for root", "[control]") {
  if (!root_or_say("readers leave room for root")) return;
  ControlBench bench("nogroup");
  REQUIRE(chmod(bench.dir.path().c_str(), 0755) == 0);
  CHECK(as_user(bench, {}, [&] {
          std::vector<Client> held;
          const auto room = limits::kControlClientsMax - limits::kControlRootReserve;
          for (std::size_t i = 0; i < room; ++i) {
            auto client = Client::connect(bench.path());
            if (!client) return 1;
            held.push_back(std::move(*client));
          }
          const auto more = Client::connect(bench.path());
          return more ? 2 : code_of(more.error());
        }) == 10 + static_cast<int>(ErrorCode::kLimit));
}

TEST_CASE("the 33rd client is refused, the 32 stay", "[control]") {
  ControlBench bench;
  std::vector<RawClient> clients;
  const auto room = limits::kControlClientsMax - (geteuid() == 0 ? 0 : limits::kControlRootReserve);
  for (std::size_t i = 0; i < room; ++i) {
    clients.emplace_back(bench.path());
    bench.pump();
  }
  CHECK(bench.server->clients() == room);
  RawClient one_more(bench.path());
  bench.pump();
  const auto frames = one_more.take();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0]["error"]["code"] == "limit");
  CHECK(one_more.closed());
  clients.front().ask(1, "status", json::object());
  bench.pump();
  CHECK(clients.front().take().size() == 3);
  clients.pop_back();
  bench.pump();
  RawClient again(bench.path());
  bench.pump();
  CHECK(again.take().at(0).contains("hello"));
}

TEST_CASE("a second server on the same path refuses", "[control]") {
  ControlBench bench;
  const auto start = [&] {
    return control::Server::start({bench.loop, bench.backend, bench.clock}, bench.options());
  };
  auto second = start();
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kBusy);
  CHECK(second.error().message.find("another tocsind") != std::string::npos);
  // Somebody who answers without holding the lock counts as well.
  REQUIRE(unlink((bench.path() + ".lock").c_str()) == 0);
  second = start();
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kBusy);
  // The first one is still served.
  RawClient client(bench.path());
  bench.pump();
  CHECK(client.take().size() == 1);
  // Once it has gone, the next may start.
  bench.server.reset();
  CHECK(access(bench.path().c_str(), F_OK) != 0);
  CHECK(start());
}

TEST_CASE("a socket left behind is replaced, anything else is left alone", "[control]") {
  TempDir dir;
  MemoryBackend backend;
  VirtualClock clock;
  auto loop = EventLoop::create();
  REQUIRE(loop);
  control::ServerOptions options;
  options.path = dir.file("control.sock");
  options.group = "";
  {
    const auto address = control::socket_address(options.path);
    const Fd left_behind(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(bind(left_behind.get(), address->get(), address->length) == 0);
    REQUIRE(listen(left_behind.get(), 1) == 0);
  }
  REQUIRE(access(options.path.c_str(), F_OK) == 0);
  {
    const auto server = control::Server::start({*loop, backend, clock}, options);
    REQUIRE(server);
    struct stat st {};
    REQUIRE(stat(options.path.c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0660);
  }
  const auto file = dir.write("control.sock", "precious");
  const auto server = control::Server::start({*loop, backend, clock}, options);
  REQUIRE_FALSE(server);
  CHECK(server.error().message.find("not a socket") != std::string::npos);
  CHECK(read_text(file) == "precious");
}

TEST_CASE("the folder is made, a path too long is named, a missing group noted", "[control]") {
  TempDir dir;
  MemoryBackend backend;
  VirtualClock clock;
  auto loop = EventLoop::create();
  control::ServerOptions options;
  options.path = dir.file("run/control.sock");
  options.group = "no-such-group-here";
  const auto server = control::Server::start({*loop, backend, clock}, options);
  REQUIRE(server);
  CHECK((*server)->note().find("no-such-group-here") != std::string::npos);
  options.path = dir.file(std::string(120, 'x'));
  const auto too_long = control::Server::start({*loop, backend, clock}, options);
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().message.find("107") != std::string::npos);
}
