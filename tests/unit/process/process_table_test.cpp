// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/process_table.hpp"

#include "base/limits.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr BootNs kSecond = 1'000'000'000;

ForkEvent fork_of(ProcessId child, ProcessId parent) {
  return {{.time_ns = 1, .process = child}, parent};
}

ExecEvent exec_of(ProcessId id, std::string path) {
  ExecEvent e;
  e.head.process = id;
  e.path = std::move(path);
  return e;
}

ExitEvent exit_of(ProcessId id) {
  return {{.time_ns = 1, .process = id}, 0};
}

}  // namespace

TEST_CASE("lineage survives the parent's exit and its grace") {
  ProcessTable table;
  table.on_exec(exec_of({10, 1}, "/bin/login"));
  table.on_fork(fork_of({11, 2}, {10, 1}));
  table.on_exec(exec_of({11, 2}, "/bin/sh"));
  table.on_fork(fork_of({12, 3}, {11, 2}));
  table.on_exit(exit_of({11, 2}), kSecond);
  table.on_exit(exit_of({10, 1}), kSecond);
  table.expire(kSecond + limits::kProcessGraceNs);
  CHECK(table.find({11, 2}) == nullptr);

  const auto lineage = ProcessTable::lineage(table.find({12, 3}), 16);
  REQUIRE(lineage.size() == 3);
  CHECK(lineage[0]->image->exec.path == "/bin/sh");  // not executed itself yet: its parent's image
  CHECK(lineage[1]->exited);
  CHECK(lineage[2]->image->exec.path == "/bin/login");
}

TEST_CASE("a reused pid is another process") {
  ProcessTable table;
  table.on_exec(exec_of({10, 1}, "/old"));
  table.on_exit(exit_of({10, 1}), kSecond);
  table.on_exec(exec_of({10, 5}, "/new"));
  CHECK(table.find({10, 1})->image->exec.path == "/old");
  CHECK(table.find({10, 5})->image->exec.path == "/new");
  table.expire(kSecond + limits::kProcessGraceNs);
  CHECK(table.find({10, 1}) == nullptr);
  CHECK(table.find({10, 5}) != nullptr);
}

TEST_CASE("without a start the last bearer of the pid is meant") {
  ProcessTable table;
  table.on_exec(exec_of({10, 1}, "/old"));
  table.on_exit(exit_of({10, 1}), kSecond);
  const auto parent = table.on_exec(exec_of({10, 5}, "/new"));
  auto child = exec_of({11, 6}, "/child");
  child.parent = {10, 0};
  CHECK(table.on_exec(std::move(child))->parent == parent);
  CHECK(table.of({.time_ns = 1, .process = {11, 0}})->image->exec.path == "/child");
  // It is known by its exact identity once a line tells it.
  table.on_fork(fork_of({12, 7}, {13, 0}));
  table.on_exec(exec_of({13, 8}, "/late"));
  CHECK(table.find({12, 7})->parent == table.find({13, 8}));
}

TEST_CASE("without starts a pid that ended, or has another parent, is another process") {
  ProcessTable table;
  table.on_exec(exec_of({1, 0}, "/init"));
  const auto run = [&](const char* path, std::uint32_t parent) {
    auto exec = exec_of({10, 0}, path);
    exec.parent = {parent, 0};
    return table.on_exec(std::move(exec));
  };
  table.on_exec(exec_of({2, 0}, "/a"));
  table.on_exec(exec_of({3, 0}, "/b"));
  const auto first = run("/one", 2);
  CHECK(run("/again", 2) == first);
  CHECK(run("/reparented", 1) == first);
  const auto second = run("/two", 3);
  CHECK(second != first);
  table.on_exit(exit_of({10, 0}), kSecond);
  const auto third = run("/three", 3);
  CHECK(third != second);
  // The exited one's grace does not end its successor.
  table.expire(kSecond + limits::kProcessGraceNs);
  CHECK(table.find({10, 0}) == third);
  table.on_fork(fork_of({10, 0}, {3, 0}));
  CHECK(table.find({10, 0}) != third);
}

TEST_CASE("a process from procfs takes its exact start from the first event") {
  ProcessTable table;
  std::vector<ProcessTable::Snapshot> snapshots(2);
  snapshots[0].id = {1, 0};
  snapshots[0].exec.path = "/sbin/init";
  snapshots[1].id = {50, 70'000'000};  // tick 7
  snapshots[1].parent_pid = 1;
  snapshots[1].exec.path = "/usr/sbin/sshd";
  table.seed(std::move(snapshots));

  const ProcessId exact{50, 76'543'210};
  table.on_fork(fork_of({51, 99'000'000}, exact));
  REQUIRE(table.find(exact) != nullptr);
  CHECK(table.find(exact)->image->exec.path == "/usr/sbin/sshd");
  CHECK(table.find({50, 70'000'000}) == nullptr);
  CHECK(ProcessTable::lineage(table.find({51, 99'000'000}), 16).size() == 3);
  // Another tick is another process.
  CHECK(table.of({.time_ns = 1, .process = {50, 99'000'000'000}})->image == nullptr);
}

TEST_CASE("events may come before the snapshot that describes the process") {
  ProcessTable table;
  table.on_fork(fork_of({60, 500'000'000}, {50, 76'543'210}));
  std::vector<ProcessTable::Snapshot> snapshots(1);
  snapshots[0].id = {50, 70'000'000};
  snapshots[0].exec.path = "/usr/sbin/cron";
  table.seed(std::move(snapshots));
  CHECK(ProcessTable::lineage(table.find({60, 500'000'000}), 16).at(1)->image->exec.path ==
        "/usr/sbin/cron");
}

TEST_CASE("the table is bounded and counts what it drops") {
  ProcessTable table;
  for (std::uint32_t pid = 1; pid <= limits::kProcessesMax + 1000; ++pid)
    table.on_exec(exec_of({pid, pid}, "/bin/true"));
  CHECK(table.counters().tracked == limits::kProcessesMax);
  CHECK(table.counters().evicted == 1000);
  for (std::uint32_t pid = 1; pid <= limits::kProcessesMax + 1000; ++pid)
    table.on_exit(exit_of({pid, pid}), kSecond);
  CHECK(table.counters().tracked == limits::kExitedKeptMax);
}

TEST_CASE("living processes of a mount namespace are found, whatever a storm leaves behind") {
  ProcessTable table;
  const auto exec_in = [&](std::uint32_t pid, std::uint32_t mnt_ns) {
    auto event = exec_of({pid, pid}, "/bin/x");
    event.root.mnt_ns = mnt_ns;
    table.on_exec(std::move(event));
  };
  exec_in(10, 7);
  for (std::uint32_t pid = 100; pid < 1'100; ++pid) {
    exec_in(pid, 7);
    table.on_exit(exit_of({pid, pid}), kSecond);
  }
  CHECK(table.living_in(7, 4) == std::vector<std::uint32_t>{10});
  table.on_fork(fork_of({11, 11}, {10, 10}));
  CHECK(table.living_in(7, 4) == std::vector<std::uint32_t>{10, 11});
  CHECK(table.living_in(7, 1).size() == 1);
  exec_in(11, 8);  // it entered another one
  CHECK(table.living_in(7, 4) == std::vector<std::uint32_t>{10});
  CHECK(table.living_in(8, 4) == std::vector<std::uint32_t>{11});
  table.on_exit(exit_of({10, 10}), kSecond);
  CHECK(table.living_in(7, 4).empty());
  CHECK(table.living_in(0, 4).empty());
}

TEST_CASE("an endless chain of forks and exits does not keep every ancestor") {
  ProcessTable table;
  std::weak_ptr<Process> first = table.on_exec(exec_of({1, 1}, "/bin/hydra"));
  for (std::uint32_t i = 1; i < 200; ++i) {
    table.on_fork(fork_of({i + 1, i + 1}, {i, i}));
    table.on_exit(exit_of({i, i}), i);
    table.expire(i + limits::kProcessGraceNs);
  }
  CHECK(first.expired());
  CHECK(ProcessTable::lineage(table.find({200, 200}), 100).size() <= limits::kLineageDepthMax + 1);
}

TEST_CASE("hostile parent loops end") {
  ProcessTable table;
  table.on_fork(fork_of({1, 1}, {2, 2}));
  table.on_fork(fork_of({2, 2}, {1, 1}));
  table.on_fork(fork_of({3, 3}, {3, 3}));
  CHECK(ProcessTable::lineage(table.find({1, 1}), 100).size() <= 2);
}
