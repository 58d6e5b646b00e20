// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "event/decode.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cerrno>
#include <random>

#include "support/test.hpp"
#include "support/wire_builder.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kEpoch = 1'700'000'000'000'000'000;

tw_exec sample_exec() {
  tw_exec e{};
  e.h = header(TW_EXEC, 42, 4'000'000'000);
  e.parent_pid = 7;
  e.parent_start_ns = 3;
  e.file.ino = 99;
  e.file.ctime_s = 100;
  e.file.ctime_ns = 5;
  e.file.dev = 0x800001;
  e.uid = 1000;
  e.euid = 0;
  e.login_uid = 1000;
  e.session_id = UINT32_MAX;
  e.stdio[0] = TW_STDIO_SOCKET;
  e.flags = TW_EXEC_SCRIPT | TW_EXEC_SECURE;
  std::strcpy(e.comm, "evil");
  std::memcpy(e.tty, "pts0", 5);
  return e;
}

Bytes sample_exec_bytes() {
  return exec_event(sample_exec(), {.path = nul_list({"sh", "bin", "usr"}),
                                    .cwd = nul_list({"tmp"}),
                                    .filename = nul_list({"./evil"}),
                                    .interpreter = nul_list({"/bin/sh"}),
                                    .args = nul_list({"./evil", "", "-x y"})});
}

}  // namespace

TEST_CASE("an exec event arrives with every field") {
  const auto decoded = decode(sample_exec_bytes(), kEpoch);
  REQUIRE(decoded);
  const auto& e = std::get<ExecEvent>(*decoded);
  CHECK(e.head.process == ProcessId{42, 4'000'000'000});
  CHECK(e.head.time_ns == kEpoch + 5'000'000'000);
  CHECK(e.parent == ProcessId{7, 3});
  CHECK(e.path == "/usr/bin/sh");
  CHECK(e.cwd == "/tmp");
  CHECK(e.filename == "./evil");
  CHECK(e.interpreter == "/bin/sh");
  CHECK(e.argv == std::vector<std::string>{"./evil", "", "-x y"});
  CHECK(e.file.ctime_ns == 100'000'000'005);
  CHECK(e.uid == 1000u);
  CHECK(e.euid == 0u);
  CHECK(e.login_uid == 1000u);
  CHECK_FALSE(e.session_id.has_value());
  CHECK(e.stdio[0] == Stdio::kSocket);
  CHECK(e.stdio[1] == Stdio::kUnknown);
  CHECK(e.script);
  CHECK(e.secure);
  CHECK_FALSE(e.memfd);
  CHECK(e.comm == "evil");
  CHECK(e.tty == "pts0");
  CHECK_FALSE(e.sha256.has_value());
}

TEST_CASE("a path that is cut says so, the root is a slash") {
  auto e = sample_exec();
  e.flags = TW_EXEC_PATH_CUT;
  const auto decoded = decode(exec_event(e, {.path = nul_list({"x", "deep"})}), kEpoch);
  REQUIRE(decoded);
  const auto& exec = std::get<ExecEvent>(*decoded);
  CHECK(exec.path == "…/deep/x");
  CHECK(exec.path_cut);
  CHECK(exec.cwd == "/");
}

TEST_CASE("connect addresses are normalised and outcomes named") {
  tw_connect c{};
  c.h = header(TW_CONNECT, 1, 2);
  c.protocol = IPPROTO_TCP;
  c.remote.family = 6;
  c.remote.addr[10] = c.remote.addr[11] = 0xff;
  c.remote.addr[12] = 203;
  c.remote.addr[14] = 113;
  c.remote.addr[15] = 9;
  c.remote.port = htons(443);
  const auto connect = decode(to_bytes(c), kEpoch);
  REQUIRE(connect);
  CHECK(std::get<ConnectEvent>(*connect).remote == Endpoint{*IpAddress::parse("203.0.113.9"), 443});
  CHECK(std::get<ConnectEvent>(*connect).result == ConnectResult::kInProgress);

  tw_connect_result r{};
  r.h = header(TW_CONNECT_RESULT, 1, 2);
  r.error = ECONNREFUSED;
  CHECK(std::get<ConnectResultEvent>(*decode(to_bytes(r), kEpoch)).result ==
        ConnectResult::kRefused);
  c.remote.family = 9;
  CHECK_FALSE(decode(to_bytes(c), kEpoch));
}

namespace {

tw_packet sample_packet() {
  tw_packet p{};
  p.h = header(TW_DNS_UDP, 7, 8);
  p.cookie = 99;
  p.local.family = p.remote.family = 4;
  p.local.addr[0] = 10, p.local.addr[3] = 1;
  p.local.port = htons(40'000);
  p.remote.addr[0] = 192, p.remote.addr[3] = 2;
  p.remote.port = htons(53);
  p.net_ns = 5;
  p.length = p.data_len = 7;
  p.flags = TW_PACKET_OUT;
  return p;
}

}  // namespace

TEST_CASE("a packet keeps both ends, its direction and its payload") {
  auto p = sample_packet();
  auto decoded = decode(to_bytes(p, "payload"), kEpoch);
  REQUIRE(decoded);
  const auto& dns = std::get<PacketEvent>(*decoded);
  CHECK(dns.kind == PacketKind::kDnsUdp);
  CHECK(dns.outgoing);
  CHECK(dns.head.process == ProcessId{7, 8});
  CHECK(dns.cookie == 99);
  CHECK(dns.net_ns == 5);
  CHECK(dns.local == Endpoint{*IpAddress::parse("10.0.0.1"), 40'000});
  CHECK(dns.remote == Endpoint{*IpAddress::parse("192.0.0.2"), 53});
  CHECK(dns.payload.size() == 7);
  CHECK(dns.payload[0] == std::byte{'p'});

  p.h.kind = TW_TCP_START;
  p.flags = TW_PACKET_FIRST;
  p.tcp_seq = 0xfffffff0;
  p.length = 70'000;
  decoded = decode(to_bytes(p, "payload"), kEpoch);
  REQUIRE(decoded);
  const auto& start = std::get<PacketEvent>(*decoded);
  CHECK(start.kind == PacketKind::kTcpStart);
  CHECK_FALSE(start.outgoing);
  CHECK(start.tcp_first);
  CHECK(start.tcp_seq == 0xfffffff0);
  CHECK(start.length == 70'000);

  p.length = 6;  // less than what follows
  CHECK_FALSE(decode(to_bytes(p, "payload"), kEpoch));
  p.length = p.data_len = 8;  // more than what follows
  CHECK_FALSE(decode(to_bytes(p, "payload"), kEpoch));
  p.length = p.data_len = 7;
  p.remote.family = 5;
  CHECK_FALSE(decode(to_bytes(p, "payload"), kEpoch));
}

TEST_CASE("every truncation of every event is refused, never read past") {
  for (const auto& whole :
       {sample_exec_bytes(),
        to_bytes(
            tw_fork{.h = header(TW_FORK, 1, 2), .parent_pid = 3, .pad = 0, .parent_start_ns = 4}),
        to_bytes(
            tw_cgroup{.h = header(TW_CGROUP, 1, 2), .path_len = 4, .hierarchy = 0, .path = "/abc"}),
        to_bytes(sample_packet(), "payload")}) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
      // An exact-size heap copy, so that a sanitizer sees any read behind it.
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      CHECK_FALSE(decode(cut, kEpoch));
    }
    CHECK(decode(whole, kEpoch));
  }
}

TEST_CASE("lengths that run past the event are named") {
  auto bytes = sample_exec_bytes();
  tw_exec e;
  std::memcpy(&e, bytes.data(), sizeof e);
  e.args_len = 0xffffffff;
  std::memcpy(bytes.data(), &e, sizeof e);
  const auto decoded = decode(bytes, kEpoch);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().message.find("arguments") != std::string::npos);
}

TEST_CASE("random bytes never decode to something that was not there") {
  std::mt19937 rng(1);
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes(rng() % 700);
    for (auto& b : bytes) b = static_cast<std::byte>(rng());
    if (bytes.size() >= sizeof(tw_header) && rng() % 2 == 0) {
      auto h = header(static_cast<tw_kind>(rng() % 9), 1, 2);
      h.size = static_cast<tw_u32>(bytes.size());
      h.version = TOCSIN_WIRE_VERSION;
      std::memcpy(bytes.data(), &h, sizeof h);
    }
    const auto decoded = decode(bytes, kEpoch);
    if (!decoded) continue;
    if (const auto* exec = std::get_if<ExecEvent>(&*decoded))
      CHECK(exec->path.size() + exec->cwd.size() + exec->filename.size() <= bytes.size() + 8);
  }
}

TEST_CASE("a module event arrives with its file, its root and its path") {
  tw_module m{};
  m.h = header(TW_MODULE, 42, 4'000'000'000);
  m.file.ino = 99;
  m.file.size = 4096;
  m.file.dev = 0x800001;
  m.program_ino = 7;
  m.mnt_ns = 12;
  m.root_ino = 2;
  m.flags = TW_MODULE_MEMFD;
  const auto path = nul_list({"x.so", "lib", "usr"});
  m.path_len = static_cast<tw_u32>(path.size());
  const auto decoded = decode(to_bytes(m, path), kEpoch);
  REQUIRE(decoded);
  const auto& e = std::get<ModuleEvent>(*decoded);
  CHECK(e.head.process == ProcessId{42, 4'000'000'000});
  CHECK(e.path == "/usr/lib/x.so");
  CHECK(e.file.ino == 99);
  CHECK(e.file.size == 4096);
  CHECK(e.program_ino == 7);
  CHECK(e.root.mnt_ns == 12);
  CHECK(e.root.root_ino == 2);
  CHECK(e.memfd);
  CHECK_FALSE((e.killed || e.kill_rehearsed));
  m.flags = TW_MODULE_KILLED | TW_MODULE_REHEARSED;
  const auto answered = std::get<ModuleEvent>(decode(to_bytes(m, path), kEpoch).value());
  CHECK((answered.killed && answered.kill_rehearsed && !answered.memfd));
  m.path_len += 1;
  CHECK_FALSE(decode(to_bytes(m, path), kEpoch));
}
