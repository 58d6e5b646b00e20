// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the programs in the kernel say about connections and datagrams, field by field.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/capture_watch.hpp"
#include "support/kernel.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

// A socket address of either family from text.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  Address(const std::string& text, std::uint16_t port) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
      v4->sin_family = AF_INET, v4->sin_port = htons(port), length = sizeof *v4;
    } else {
      REQUIRE(inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1);
      v6->sin6_family = AF_INET6, v6->sin6_port = htons(port), length = sizeof *v6;
    }
  }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] std::uint16_t port() const {  // the same place in both families
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  }
};

Fd make_socket(int family, int type) {
  return Fd(::socket(family, type | SOCK_CLOEXEC, 0));
}

bool have_ipv6() {
  const Fd s = make_socket(AF_INET6, SOCK_STREAM);
  const Address a("::1", 0);
  return s && ::bind(s.get(), a.get(), a.length) == 0;
}

// Listens on a free port of an address of this machine.
struct Server {
  Fd listener;
  Address address;
  explicit Server(const std::string& text) : address(text, 0) {
    listener = make_socket(address.family(), SOCK_STREAM);
    REQUIRE(::bind(listener.get(), address.get(), address.length) == 0);
    REQUIRE(::listen(listener.get(), 16) == 0);
    REQUIRE(::getsockname(listener.get(), address.get(), &address.length) == 0);
  }
  [[nodiscard]] Fd accept() const { return Fd(::accept(listener.get(), nullptr, nullptr)); }
};

bool send_all(int fd, std::size_t bytes) {
  const std::string data(bytes, 'x');
  for (std::size_t sent = 0; sent < bytes;) {
    const ssize_t n = ::send(fd, data.data() + sent, bytes - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

bool receive_all(int fd, std::size_t bytes) {
  char buffer[65'536];
  while (bytes > 0) {
    const ssize_t n = ::recv(fd, buffer, std::min(bytes, sizeof buffer), 0);
    if (n <= 0) return false;
    bytes -= static_cast<std::size_t>(n);
  }
  return true;
}

template <typename E>
const E* by_cookie(CaptureWatch& watch, std::uint64_t cookie) {
  return watch.wait_for<E>([cookie](const E& e) { return e.cookie == cookie; });
}

// One connection made by a child: the client sends and receives, then one side closes first.
struct Exchange {
  std::string address;
  std::size_t out = 0, in = 0;
  bool client_closes_first = true;
};

void check_exchange(CaptureWatch& watch, const Exchange& x) {
  const Server server(x.address);
  std::thread serving([&] {
    Fd peer = server.accept();
    (void)receive_all(peer.get(), x.out);
    (void)send_all(peer.get(), x.in);
    char end;
    if (x.client_closes_first) (void)::recv(peer.get(), &end, 1, 0);
  });
  const Launched client = run_forked([&] {
    Fd s = make_socket(server.address.family(), SOCK_STREAM);
    if (::connect(s.get(), server.address.get(), server.address.length) != 0) return 1;
    if (!send_all(s.get(), x.out) || !receive_all(s.get(), x.in)) return 2;
    char end;
    if (!x.client_closes_first && ::recv(s.get(), &end, 1, 0) != 0) return 3;
    s.reset();
    return 0;
  });
  serving.join();
  REQUIRE(client.status == 0);

  const ConnectEvent* connect = watch.wait_for_pid<ConnectEvent>(client.pid);
  REQUIRE(connect);
  CHECK(connect->remote.address == IpAddress::parse(x.address));
  CHECK(connect->remote.port == server.address.port());
  CHECK(connect->protocol == IPPROTO_TCP);
  CHECK_FALSE(connect->datagram);
  CHECK(connect->uid == ::getuid());
  CHECK(connect->cookie != 0);
  const ProcessId process = connect->head.process;
  const std::uint64_t cookie = connect->cookie;
  const ConnectResultEvent* result = by_cookie<ConnectResultEvent>(watch, cookie);
  REQUIRE(result);
  CHECK(result->result == ConnectResult::kOk);
  CHECK(result->head.process == process);
  CHECK(result->remote.port == server.address.port());
  CHECK(result->local.port != 0);
  const Endpoint local = result->local;
  const CloseEvent* close = by_cookie<CloseEvent>(watch, cookie);
  REQUIRE(close);
  CHECK(close->head.process == process);
  CHECK(close->bytes_out == x.out);
  CHECK(close->bytes_in == x.in);
  CHECK(close->local == local);
  CHECK(close->duration_ns.value_or(0) > 0);
  // The server's side of the same connection was not opened by anybody here.
  CHECK(watch.count<CloseEvent>(
            [&](const CloseEvent& c) { return c.local.port == server.address.port(); }) == 0);
}

}  // namespace

TEST_CASE("a TCP connection tells its outcome, its length and its exact bytes",
          "[capture][vm][brief]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  std::vector<std::string> addresses = {"127.0.0.1"};
  if (have_ipv6())
    addresses.insert(addresses.end(), {"::1", "::ffff:127.0.0.1"});
  else
    print_skipped("IPv6 connections", "this machine has no IPv6 loopback");
  for (const std::string& address : addresses)
    for (const bool client_first : {true, false})
      for (const auto& [out, in] : {std::pair<std::size_t, std::size_t>{0, 0},
                                    {1, 0},
                                    {0, 1},
                                    {1'000, 70},
                                    {3'000'000, 5}}) {
        INFO(address << " out " << out << " in " << in << " client first " << client_first);
        check_exchange(watch, {address, out, in, client_first});
      }
  const auto* mapped = watch.find<ConnectEvent>([](const ConnectEvent& e) { return e.mapped; });
  CHECK((mapped != nullptr) == (addresses.size() > 1));
}

TEST_CASE("a refused connection says so, blocking or not", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  std::uint16_t closed_port = 0;
  {
    const Server gone("127.0.0.1");
    closed_port = gone.address.port();
  }
  for (const int extra : {0, int{SOCK_NONBLOCK}}) {
    const Launched client = run_forked([&] {
      const Fd s = make_socket(AF_INET, SOCK_STREAM | extra);
      const Address to("127.0.0.1", closed_port);
      if (::connect(s.get(), to.get(), to.length) == 0) return 1;
      return errno == ECONNREFUSED || errno == EINPROGRESS ? 0 : 2;
    });
    REQUIRE(client.status == 0);
    const ConnectEvent* connect = watch.wait_for_pid<ConnectEvent>(client.pid);
    REQUIRE(connect);
    CHECK(connect->result == ConnectResult::kInProgress);
    const auto* result = by_cookie<ConnectResultEvent>(watch, connect->cookie);
    REQUIRE(result);
    CHECK(result->result == ConnectResult::kRefused);
    CHECK(watch.count_pid<CloseEvent>(client.pid) == 0);
  }
}

TEST_CASE("UDP is told at the connect, else once per peer and socket", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const auto udp_events = [&](const std::function<void()>& act) {
    const Launched client = run_forked([&] { return act(), 0; });
    REQUIRE(client.status == 0);
    watch.read_for(Millis(50));
    std::vector<ConnectEvent> events;
    for (const Event& event : watch.events())
      if (const auto* e = std::get_if<ConnectEvent>(&event);
          e && e->head.process.pid == static_cast<std::uint32_t>(client.pid))
        events.push_back(*e);
    return events;
  };
  const Address one("127.0.0.1", 9), two("127.0.0.2", 9);
  auto events = udp_events([&] {
    const Fd s = make_socket(AF_INET, SOCK_DGRAM);
    (void)::connect(s.get(), one.get(), one.length);
    for (int i = 0; i < 3; ++i) (void)::send(s.get(), "x", 1, MSG_NOSIGNAL);
  });
  REQUIRE(events.size() == 1);
  CHECK(events[0].protocol == IPPROTO_UDP);
  CHECK_FALSE(events[0].datagram);

  const auto skipped = watch.source().counters().by_kind[TW_CONNECT].skipped;
  events = udp_events([&] {
    for (int socket = 0; socket < 2; ++socket) {
      const Fd s = make_socket(AF_INET, SOCK_DGRAM);
      for (int i = 0; i < 10; ++i)
        for (const Address& to : {one, two})
          (void)::sendto(s.get(), "x", 1, 0, to.get(), to.length);
    }
  });
  REQUIRE(events.size() == 4);  // two sockets, two peers
  for (const ConnectEvent& e : events) CHECK((e.datagram && e.protocol == IPPROTO_UDP));
  CHECK(events[0].remote.address.to_string() == "127.0.0.1");
  CHECK(events[1].remote.address.to_string() == "127.0.0.2");
  CHECK(events[0].cookie != events[2].cookie);
  CHECK(watch.source().counters().by_kind[TW_CONNECT].skipped >= skipped + 36);

  if (!have_ipv6()) return print_skipped("IPv6 datagrams", "this machine has no IPv6 loopback");
  const Address six("::1", 9), mapped("::ffff:127.0.0.1", 9);
  events = udp_events([&] {
    const Fd s = make_socket(AF_INET6, SOCK_DGRAM);
    (void)::sendto(s.get(), "x", 1, 0, six.get(), six.length);
    (void)::sendto(s.get(), "x", 1, 0, mapped.get(), mapped.length);
  });
  REQUIRE(events.size() == 2);
  CHECK(events[0].remote.address.to_string() == "::1");
  CHECK_FALSE(events[0].mapped);
  CHECK(events[1].remote.address.to_string() == "127.0.0.1");
  CHECK(events[1].mapped);
}

TEST_CASE("a datagram peer is told again after the gap", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch({.datagram_gap_ns = 50'000'000});
  const Launched client = run_forked([] {
    const Fd s = make_socket(AF_INET, SOCK_DGRAM);
    const Address to("127.0.0.1", 9);
    for (int i = 0; i < 2; ++i) {
      for (int k = 0; k < 3; ++k) (void)::sendto(s.get(), "x", 1, 0, to.get(), to.length);
      ::usleep(100'000);
    }
    return 0;
  });
  watch.read_for(Millis(50));
  CHECK(watch.count_pid<ConnectEvent>(client.pid) == 2);
}

TEST_CASE("another network namespace and a child control group are named", "[capture][vm]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  struct stat own {};
  REQUIRE(::stat("/proc/self/ns/net", &own) == 0);
  const Launched client = run_forked([] {
    if (::unshare(CLONE_NEWNET) != 0) return 1;
    const Fd s = make_socket(AF_INET, SOCK_DGRAM);
    ifreq lo{};
    std::snprintf(lo.ifr_name, sizeof lo.ifr_name, "lo");
    lo.ifr_flags = IFF_UP;
    if (::ioctl(s.get(), SIOCSIFFLAGS, &lo) != 0) return 2;
    const Address to("127.0.0.1", 9);
    return ::connect(s.get(), to.get(), to.length) == 0 ? 0 : 3;
  });
  REQUIRE(client.status == 0);
  const ConnectEvent* e = watch.wait_for_pid<ConnectEvent>(client.pid);
  REQUIRE(e);
  CHECK(e->net_ns != 0);
  CHECK(e->net_ns != own.st_ino);

  std::ifstream mounts("/proc/self/mounts");
  std::string device, root, type, rest;
  while (mounts >> device >> root >> type && std::getline(mounts, rest) && type != "cgroup2") {
  }
  if (type != "cgroup2") return print_skipped("child control group", "no cgroup2 is mounted");
  const std::string name = "tocsin-capture-" + std::to_string(::getpid());
  const std::filesystem::path group = std::filesystem::path(root) / name;
  REQUIRE(::mkdir(group.c_str(), 0755) == 0);
  struct stat st {};
  REQUIRE(::stat(group.c_str(), &st) == 0);
  const Launched inside = run_forked([&] {
    if (!(std::ofstream(group / "cgroup.procs") << ::getpid() << std::flush)) return 1;
    const Fd s = make_socket(AF_INET, SOCK_DGRAM);
    const Address to("127.0.0.1", 9);
    return ::connect(s.get(), to.get(), to.length) == 0 ? 0 : 3;
  });
  ::rmdir(group.c_str());
  REQUIRE(inside.status == 0);
  e = watch.wait_for_pid<ConnectEvent>(inside.pid);
  REQUIRE(e);
  CHECK(e->head.cgroup_id == st.st_ino);
  const auto* made = watch.wait_for<CgroupEvent>(
      [&](const CgroupEvent& c) { return c.head.cgroup_id == st.st_ino; });
  REQUIRE(made);
  CHECK(made->path == "/" + name);
}
