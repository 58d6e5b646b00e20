// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/session_book.hpp"

#include <nlohmann/json.hpp>

#include "support/test.hpp"

using namespace tocsin;
using nlohmann::json;

namespace {

constexpr WallNs kStart = 1'700'000'000LL * kNsPerSecond;

// A book, and processes made by hand.
struct Desk {
  EventLoop loop = EventLoop::create().value();
  VirtualClock clock;
  ProcessTable processes;
  int answers = 0;
  std::unique_ptr<SessionBook> book;

  Desk() {
    clock.advance_to(kStart);
    book = SessionBook::start(loop, clock, [this] { ++answers; }).value();
  }

  std::shared_ptr<Process> exec(std::uint32_t pid, std::uint32_t parent, const std::string& path,
                                std::optional<std::uint32_t> session = std::nullopt) {
    ExecEvent event;
    event.head = {.time_ns = clock.wall_ns(), .process = id(pid)};
    event.parent = parent == 0 ? ProcessId() : id(parent);
    event.path = path;
    event.uid = path.ends_with("sshd") ? 0 : 1000;
    event.session_id = session;
    if (session) event.login_uid = 4'000'000'000;
    const auto process = processes.on_exec(event);
    book->on_exec({process, process->image});
    return process;
  }
  static ProcessId id(std::uint32_t pid) { return {pid, pid * 1'000'000'000ULL}; }

  void contact(const std::shared_ptr<Process>& process, std::uint16_t port) {
    ConnectEvent event;
    event.head.time_ns = clock.wall_ns();
    event.remote = {*IpAddress::parse("192.0.2.1"), port};
    book->on_contact(event, {process, process->image}, {});
  }
  [[nodiscard]] std::vector<json> rows() const {
    std::vector<json> out;
    for (const auto& row : book->rows()) out.push_back(json::parse(row));
    return out;
  }
};

}  // namespace

TEST_CASE("what a login started and contacted is one session's", "[session]") {
  Desk desk;
  desk.exec(10, 0, "/usr/sbin/sshd");
  desk.exec(11, 10, "/usr/sbin/sshd");
  const auto shell = desk.exec(12, 11, "/bin/bash", 5);
  const auto curl = desk.exec(13, 12, "/usr/bin/curl", 5);
  desk.exec(14, 12, "/usr/bin/curl", 5);
  desk.contact(curl, 443);
  desk.exec(20, 0, "/usr/sbin/nginx");  // a service
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].at("id") == 5);
  CHECK(rows[0].at("user") == "uid 4000000000");
  CHECK(rows[0].at("entry") == "sshd");
  CHECK(rows[0].at("entry_pid") == 11);
  REQUIRE(rows[0].at("programs").size() == 2);
  CHECK(rows[0].at("programs")[1].at("path") == "/usr/bin/curl");
  CHECK(rows[0].at("programs")[1].at("count") == 2);
  CHECK(rows[0].at("contacts")[0].at("destination") == "192.0.2.1:443");
  CHECK_FALSE(rows[0].contains("from"));  // these processes are not real: nobody to ask
  const auto session = desk.book->session_of(shell);
  REQUIRE(session);
  CHECK(session->entry_process == Desk::id(11));
}

TEST_CASE("without an audit session what hangs below one sshd is a session", "[session]") {
  Desk desk;
  desk.exec(10, 0, "/usr/sbin/sshd");
  desk.exec(11, 10, "/usr/sbin/sshd");
  desk.exec(12, 11, "/bin/bash");
  desk.exec(21, 10, "/usr/sbin/sshd");
  desk.exec(22, 21, "/bin/bash");
  const auto rows = desk.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].at("login_uid") == 1000);  // who the first program runs as
  CHECK(rows[1].at("entry_pid") == 21);
}

TEST_CASE("the audit session holds together what the lineage no longer does", "[session]") {
  Desk desk;
  desk.exec(11, 0, "/usr/sbin/sshd");
  desk.exec(12, 11, "/bin/bash", 5);
  const auto orphan = desk.exec(99, 0, "/tmp/left-behind", 5);
  REQUIRE(desk.rows().size() == 1);
  CHECK(desk.book->session_of(orphan)->entry_process == Desk::id(11));
}

TEST_CASE("a session ends with the process that let it in", "[session]") {
  Desk desk;
  const auto sshd = desk.exec(11, 0, "/usr/sbin/sshd");
  desk.exec(12, 11, "/bin/bash", 5);
  CHECK_FALSE(desk.rows()[0].contains("ended"));
  ExitEvent event;
  event.head.time_ns = kStart + 7 * kNsPerSecond;
  desk.book->on_exit(event, {sshd, sshd->image});
  CHECK(desk.rows()[0].at("ended") == 1'700'000'007);
  // Nobody came over the network that we know of: it is not kept for long.
  desk.clock.advance_to(event.head.time_ns + 61 * kNsPerSecond);
  desk.book->tick();
  CHECK(desk.rows().empty());
}

TEST_CASE("sessions, and what is kept of each, are bounded", "[session]") {
  Desk desk;
  for (std::uint32_t i = 0; i < limits::kSessionsMax + 10; ++i) desk.exec(100 + i, 0, "/bin/sh", i);
  CHECK(desk.rows().size() == limits::kSessionsMax);
  CHECK(desk.rows()[0].at("id") == 10);
  const auto shell = desk.exec(99'000, 0, "/bin/sh", 99);
  for (std::uint16_t port = 1; port <= limits::kSessionItemsMax + 5; ++port)
    desk.contact(shell, port);
  const auto row = desk.rows().back();
  CHECK(row.at("contacts").size() == limits::kSessionItemsMax);
  CHECK(row.at("other_contacts") == 5);
}
