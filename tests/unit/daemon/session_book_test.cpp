// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/session_book.hpp"

#include <utility>

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
    book =
        SessionBook::start(
            {.loop = loop,
             .clock = clock,
             .on_answer = [this] { ++answers; },
             .container_of = [](const Process& process) { return process.image->exec.container; }})
            .value();
  }

  std::shared_ptr<Process> exec(std::uint32_t pid, std::uint32_t parent, const std::string& path,
                                std::optional<std::uint32_t> session = std::nullopt) {
    ExecEvent event;
    event.argv = std::exchange(argv, {});
    event.container = container;
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
  void exit(const std::shared_ptr<Process>& process) {
    ExitEvent event;
    event.head.time_ns = clock.wall_ns();
    book->on_exit(event, {process, process->image});
  }
  // What the next program is executed with.
  Desk& with(std::vector<std::string> words) {
    argv = std::move(words);
    return *this;
  }
  std::vector<std::string> argv;
  std::string container;  // where programs are executed
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

TEST_CASE("who has not proved who he is has no session, and is named as nobody", "[session]") {
  Desk desk;
  desk.exec(10, 0, "/usr/sbin/sshd");
  const auto entry = desk.exec(11, 10, "/usr/lib/openssh/sshd-session");
  // Of OpenSSH 10, before it knows anything of him, and a site's own way to look up keys.
  desk.exec(12, 11, "/usr/lib/openssh/sshd-auth");
  desk.with({"/bin/sh", "/etc/ssh/keys.sh", "alice"}).exec(13, 11, "/bin/sh");
  desk.with({"curl", "https://keys.example"}).exec(14, 13, "/usr/bin/curl");
  desk.with({"python3", "/etc/ssh/keys.py"}).exec(15, 11, "/usr/bin/python3");
  CHECK(desk.rows().empty());
  // Then he has.
  desk.with({"-bash"}).exec(16, 11, "/bin/bash", 5);
  REQUIRE(desk.rows().size() == 1);
  desk.exit(entry);
  CHECK(desk.rows()[0].contains("ended"));
}

TEST_CASE("a session that the kernel numbers takes over what came in the same way", "[session]") {
  Desk desk;
  const auto entry = desk.exec(11, 0, "/usr/sbin/sshd");
  desk.with({"sh", "-c", "run-parts /etc/update-motd.d"}).exec(12, 11, "/bin/sh");
  REQUIRE(desk.rows().size() == 1);
  desk.with({"-bash"}).exec(13, 11, "/bin/bash", 5);
  REQUIRE(desk.rows().size() == 1);
  CHECK(desk.rows()[0].at("id") == 5);
  // Two of one connection end together.
  desk.with({"-bash"}).exec(14, 11, "/bin/bash", 6);
  REQUIRE(desk.rows().size() == 2);
  desk.exit(entry);
  for (const auto& row : desk.rows()) CHECK(row.contains("ended"));
}

TEST_CASE("without a number it is named after the user's shell, not root's preparations",
          "[session]") {
  Desk desk;
  desk.exec(11, 0, "/usr/sbin/sshd");
  ExecEvent motd;
  motd.head = {.time_ns = kStart, .process = Desk::id(12)};
  motd.parent = Desk::id(11);
  motd.path = "/bin/sh";
  motd.argv = {"sh", "-c", "run-parts"};
  motd.uid = 0;
  const auto process = desk.processes.on_exec(motd);
  desk.book->on_exec({process, process->image});
  CHECK(desk.rows().at(0).at("login_uid") == 0);
  desk.with({"-bash"}).exec(13, 11, "/bin/bash");
  REQUIRE(desk.rows().size() == 1);
  CHECK(desk.rows()[0].at("login_uid") == 1000);
}

TEST_CASE("a program that calls itself sshd lets nobody in", "[session]") {
  Desk desk;
  desk.exec(11, 0, "/tmp/sshd");
  desk.exec(12, 11, "/bin/bash");
  desk.exec(13, 0, "/home/alice/bin/login");
  desk.exec(14, 13, "/bin/bash");
  CHECK(desk.rows().empty());
}

TEST_CASE("a login from before the daemon ends, too", "[session]") {
  Desk desk;
  // As /proc tells them: their starts are rounded to a tick.
  const auto snapshot = [](std::uint32_t pid, std::uint32_t parent, const char* path) {
    ProcessTable::Snapshot out{
        .id = Desk::id(pid), .parent_pid = parent, .cgroup_id = 0, .exec = {}};
    out.exec.head.process = out.id;
    out.exec.path = path;
    out.exec.argv = {path[0] == '/' && pid == 12 ? "-bash" : path};
    out.exec.uid = 1000;
    return out;
  };
  desk.processes.seed({snapshot(11, 1, "/usr/sbin/sshd"), snapshot(12, 11, "/bin/bash")});
  desk.book->look_at(desk.processes);
  REQUIRE(desk.rows().size() == 1);
  // The first events tell the exact starts: it is the same session still.
  auto exactly = [](std::uint32_t pid) {
    auto id = Desk::id(pid);
    id.start_ns += 4'321'000;
    return id;
  };
  ExecEvent event;
  event.head = {.time_ns = kStart, .process = {13, 13'000'000'000}};
  event.parent = exactly(12);
  event.path = "/usr/bin/id";
  (void)desk.processes.of({.time_ns = kStart, .process = exactly(11)});
  const auto child = desk.processes.on_exec(event);
  desk.book->on_exec({child, child->image});
  CHECK(desk.rows().size() == 1);
  ExitEvent exit;
  exit.head = {.time_ns = kStart + kNsPerSecond, .process = exactly(11)};
  const auto entry = desk.processes.on_exit(exit, 0);
  desk.book->on_exit(exit, {entry, entry->image});
  CHECK(desk.rows().at(0).at("ended") == 1'700'000'001);
}

TEST_CASE("users of a container have its accounts, not the host's", "[session]") {
  Desk desk;
  desk.container = "c0ffee";
  desk.exec(11, 0, "/usr/sbin/sshd");
  ExecEvent event;
  event.head = {.time_ns = kStart, .process = Desk::id(12)};
  event.parent = Desk::id(11);
  event.path = "/bin/bash";
  event.container = desk.container;
  event.uid = 0;  // every host has a root
  const auto shell = desk.processes.on_exec(event);
  desk.book->on_exec({shell, shell->image});
  const auto row = desk.rows().at(0);
  CHECK(row.at("user") == "uid 0");
  CHECK(row.at("container") == "c0ffee");
}
