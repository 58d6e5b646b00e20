// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/accepted_peer.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "process/cgroup_table.hpp"
#include "process/procfs_scan.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

// One connection over the loopback, both ends in this process.
struct Connection {
  Fd listener{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  Fd accepted, client;

  Connection() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* generic = reinterpret_cast<sockaddr*>(&at);
    REQUIRE(bind(listener.get(), generic, size) == 0);
    REQUIRE(listen(listener.get(), 1) == 0);
    REQUIRE(getsockname(listener.get(), generic, &size) == 0);
    // First the number for the accepted end: it must be the lower one.
    accepted.reset(dup(listener.get()));
    client.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(connect(client.get(), generic, size) == 0);
    const Fd other(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(dup3(other.get(), accepted.get(), O_CLOEXEC) == accepted.get());
  }
  [[nodiscard]] std::uint16_t client_port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    REQUIRE(getsockname(client.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
    return ntohs(at.sin_port);
  }
};

ProcessId self() {
  const CgroupTable none("");
  return read_procfs(static_cast<std::uint32_t>(getpid()), none, 0).value().id;
}

}  // namespace

TEST_CASE("lines of the kernel's connection tables", "[session]") {
  const auto v4 = parse_tcp_line(
      "   1: 0100007F:0016 0200007F:C350 01 00000000:00000000 02:000A0BCD 00000000     0        0 "
      "77341 2 0000000000000000 20 4 31 10 -1");
  REQUIRE(v4);
  CHECK(v4->local == Endpoint{*IpAddress::parse("127.0.0.1"), 22});
  CHECK(v4->remote == Endpoint{*IpAddress::parse("127.0.0.2"), 50'000});
  CHECK(v4->state == 1);
  CHECK(v4->inode == 77'341);
  const auto mapped = parse_tcp_line(
      "   0: 0000000000000000FFFF00000100007F:0016 0000000000000000FFFF0000076433C6:C350 01 "
      "00000000:00000000 00:00000000 00000000     0        0 5 1 0 20 4 0 10 -1");
  REQUIRE(mapped);
  CHECK(mapped->remote.address.to_string() == "198.51.100.7");
  CHECK_FALSE(parse_tcp_line("  sl  local_address rem_address   st tx_queue rx_queue"));
  CHECK_FALSE(parse_tcp_line(""));
  CHECK_FALSE(parse_tcp_line("0: 0100007F:0016 0200007F 01 0:0 0:0 0 0 0 5"));
  CHECK_FALSE(parse_tcp_line("0: 0100007G:0016 0200007F:0016 01 0:0 0:0 0 0 0 5"));
}

TEST_CASE("the other end of a process's first connection is found in /proc", "[session]") {
  const Connection connection;
  const auto peer = accepted_peer(self());
  REQUIRE(peer);
  CHECK(peer->address.is_loopback());
  CHECK(peer->port == connection.client_port());
}

TEST_CASE("another process under the same number is not asked", "[session]") {
  const Connection connection;
  auto other = self();
  other.start_ns -= 10'000'000;
  CHECK_FALSE(accepted_peer(other));
  CHECK_FALSE(is_running(other));
  CHECK(is_running(self()));
}

TEST_CASE("a connection that the process made itself is nobody's who came in", "[session]") {
  Connection connection;
  // Its other end stays open in another process.
  const pid_t other = fork();
  if (other == 0) {
    pause();
    _exit(0);
  }
  REQUIRE(other > 0);
  connection.accepted.reset();
  CHECK(accepted_peer(self()) == std::nullopt);
  CHECK(kill(other, SIGKILL) == 0);
  CHECK(waitpid(other, nullptr, 0) == other);
}

TEST_CASE("when nobody listens any more it is not known who came", "[session]") {
  Connection connection;
  connection.listener.reset();
  CHECK(accepted_peer(self()) == std::nullopt);
}
