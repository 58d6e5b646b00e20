// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Hooks taken away one by one: the rest works, the fallback delivers, and the report says which.
#include <arpa/inet.h>
#include <bpf/btf.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "capture/bpf_loader.hpp"
#include "capture/recorder.hpp"
#include "capture/replay_source.hpp"
#include "event/decode.hpp"
#include "support/capture_watch.hpp"
#include "support/kernel.hpp"
#include "support/temp_dir.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

const HookStatus& hook(CaptureWatch& watch, std::string_view event) {
  const auto& hooks = watch.source().hooks();
  const auto it = std::find_if(hooks.begin(), hooks.end(),
                               [&](const HookStatus& h) { return h.event == event; });
  REQUIRE(it != hooks.end());
  return *it;
}

// Forks a child that connects to a listener of ours, then executes a fresh program.
struct Action {
  TempDir folder;
  std::string program = folder.file("program");
  Launched child;
  std::uint16_t port = 0;

  Action() {
    make_payload(program);
    const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof to;
    auto* address = reinterpret_cast<sockaddr*>(&to);
    REQUIRE(::bind(listener.get(), address, length) == 0);
    REQUIRE(::listen(listener.get(), 4) == 0);
    REQUIRE(::getsockname(listener.get(), address, &length) == 0);
    port = ntohs(to.sin_port);
    child = launch({.path = program, .argv = {"program", "0"}, .prepare = [&] {
                      const Fd s(::socket(AF_INET, SOCK_STREAM, 0));
                      return ::connect(s.get(), address, length) == 0 &&
                             ::send(s.get(), "abc", 3, 0) == 3;
                    }});
    REQUIRE(child.status == 0);
  }
};

// Every event of the action arrives, as far as its hook is there.
void check_action(CaptureWatch& watch) {
  const Action action;
  const pid_t pid = action.child.pid;
  const auto there = [&](std::string_view event) {
    return hook(watch, event).state != HookState::kMissing;
  };
  if (there("fork")) CHECK(watch.wait_for_pid<ForkEvent>(pid));
  if (there("exec")) {
    const ExecEvent* e = watch.wait_for_pid<ExecEvent>(pid);
    REQUIRE(e);
    CHECK(e->argv == std::vector<std::string>{"program", "0"});
    CHECK(e->path == std::filesystem::canonical(action.program).string());
  }
  if (there("connect")) {
    const ConnectEvent* e = watch.wait_for_pid<ConnectEvent>(pid);
    REQUIRE(e);
    CHECK(e->remote.port == action.port);
    CHECK(e->protocol == IPPROTO_TCP);
    CHECK(e->cookie != 0);
    const std::uint64_t cookie = e->cookie;
    if (there("outcome")) {
      const auto* result = watch.wait_for<ConnectResultEvent>(
          [&](const ConnectResultEvent& r) { return r.cookie == cookie; });
      REQUIRE(result);
      CHECK(result->result == ConnectResult::kOk);
      const auto* close =
          watch.wait_for<CloseEvent>([&](const CloseEvent& c) { return c.cookie == cookie; });
      REQUIRE(close);
      CHECK(close->bytes_out == 3U);
    }
  }
  if (there("exit")) CHECK(watch.wait_for_pid<ExitEvent>(pid));
  if (!there("exec")) CHECK(watch.count_pid<ExecEvent>(pid) == 0);
  if (!there("connect")) CHECK(watch.count_pid<ConnectEvent>(pid) == 0);
  CHECK(watch.undecodable() == 0);
}

}  // namespace

TEST_CASE("each hook refused alone: its fallback serves, or its loss is named", "[hooks]") {
  TOCSIN_NEEDS_KERNEL();
  for (const HookSlot& slot : hook_slots()) {
    INFO(slot.event);
    std::vector<std::string> refused;
    // From the best way down to none at all.
    for (const HookWay& way : slot.ways) {
      refused.emplace_back(way.name);
      CaptureWatch watch({.refused = refused, .costly = true});
      const HookStatus& status = hook(watch, slot.event);
      INFO(describe(status));
      // Connects and libraries share their last way, by one name.
      for (const HookStatus& other : watch.source().hooks())
        if (other.event != slot.event && (other.event != "module" || slot.event != "connect"))
          CHECK(other.state != HookState::kMissing);
      CHECK(status.refused.size() >= refused.size());
      if (refused.size() == slot.ways.size()) {
        CHECK(status.state == HookState::kMissing);
        CHECK(status.hook.empty());
        CHECK(status.lost == slot.lost_without);
      } else if (status.state != HookState::kMissing) {
        CHECK(status.state == HookState::kFallback);
        CHECK(std::find(refused.begin(), refused.end(), status.hook) == refused.end());
      }
      check_action(watch);
    }
  }
}

TEST_CASE("with every typed hook refused the raw ones serve", "[hooks][vm][brief]") {
  TOCSIN_NEEDS_KERNEL();
  std::vector<std::string> refused;
  for (const HookSlot& slot : hook_slots())
    for (const HookWay& way : slot.ways)
      if (!way.name.starts_with("raw_tp/") && !way.name.starts_with("cgroup"))
        refused.emplace_back(way.name);
  CaptureWatch watch({.refused = refused});
  CHECK(hook(watch, "exec").hook == "raw_tp/sched_process_exec");
  CHECK(hook(watch, "outcome").hook == "raw_tp/inet_sock_set_state");
  check_action(watch);
}

TEST_CASE("with every hook refused the source still starts and says so", "[hooks]") {
  TOCSIN_NEEDS_KERNEL();
  std::vector<std::string> refused;
  for (const HookSlot& slot : hook_slots()) refused.emplace_back(slot.event);
  CaptureWatch watch({.refused = refused});
  for (const HookStatus& h : watch.source().hooks()) {
    CHECK(h.state == HookState::kMissing);
    CHECK_FALSE(h.lost.empty());
  }
  CHECK(watch.source().counters().programs.empty());
  check_action(watch);
  CHECK(watch.events().empty());
}

TEST_CASE("a hook that is not the one we know is passed over, and said", "[hooks]") {
  TOCSIN_NEEDS_KERNEL();
  // Types of a kernel that has none of our functions.
  BpfLoader::Options options;
  options.ring_bytes = 65'536;
  options.cgroup_root = cgroup2_mount();
  options.types = std::make_shared<KernelTypes>(btf__new_empty());
  const auto loader = BpfLoader::load(std::move(options));
  REQUIRE(loader);
  for (const HookStatus& status : loader->hooks()) {
    INFO(describe(status));
    const bool traced =
        status.event != "connect" && status.event != "datagram" && status.event != "packet";
    CHECK((status.state == HookState::kMissing) == traced);
    CHECK((describe(status).find("this kernel has no ") != std::string::npos) == traced);
  }
}

TEST_CASE("two copies of the exec program report every exec once", "[hooks][vm]") {
  TOCSIN_NEEDS_KERNEL();
  // The copy belongs to the tracepoint: an LSM program is never skipped.
  CaptureWatch watch(
      {.exec_twice = true, .refused = {"lsm.s/bprm_committed_creds", "lsm/bprm_committed_creds"}});
  const auto programs = watch.source().counters().programs;
  const auto has = [&](std::string_view name) {
    return std::any_of(programs.begin(), programs.end(),
                       [&](const ProgramCounters& p) { return p.name == name; });
  };
  REQUIRE((has("exec_btf") && has("exec_btf_copy")));
  const TempDir folder;
  const std::string program = folder.file("program");
  make_payload(program);
  for (int i = 0; i < 20; ++i) {
    const Launched child = launch({.path = program, .argv = {"x"}});
    CHECK(watch.wait_for_pid<ExecEvent>(child.pid));
    watch.read_for(Millis(5));
    CHECK(watch.count_pid<ExecEvent>(child.pid) == 1);
  }
  // A process that executes again is a second exec.
  const Launched again = launch({.path = "/bin/sh", .argv = {"sh", "-c", "exec /bin/true"}});
  CHECK(watch.wait_for<ExecEvent>([&](const ExecEvent& e) {
    return e.head.process.pid == static_cast<std::uint32_t>(again.pid) && e.comm == "true";
  }));
  CHECK(watch.count_pid<ExecEvent>(again.pid) == 2);
  CHECK_FALSE(watch.source().answer_misses().value());
}

TEST_CASE("a full ring loses events by count, and what was sent is read by count", "[hooks]") {
  TOCSIN_NEEDS_KERNEL();
  auto source = BpfSource::open({.ring_bytes = 16'384});
  REQUIRE(source);
  constexpr int kForks = 600;
  for (int i = 0; i < kForks; ++i) (void)run_forked([] { return 0; });
  const CaptureCounters full = (*source)->counters();
  CHECK(full.by_kind[TW_FORK].lost > 0);
  std::array<std::uint64_t, TW_KIND_COUNT> delivered{};
  WireSink sink = [&](std::span<const std::byte> bytes) {
    tw_header h{};
    REQUIRE(bytes.size() >= sizeof h);
    std::memcpy(&h, bytes.data(), sizeof h);
    CHECK(h.size == bytes.size());
    if (h.kind < TW_KIND_COUNT) ++delivered[h.kind];
  };
  // In small rounds: the budget is kept.
  for (std::size_t n = 1; n > 0;) {
    n = (*source)->consume(7, sink).value();
    CHECK(n <= 7);
  }
  const CaptureCounters after = (*source)->counters();
  for (const auto kind : {TW_FORK, TW_EXIT}) {
    CHECK(after.by_kind[kind].read + after.by_kind[kind].lost >= kForks);
    CHECK(delivered[kind] == after.by_kind[kind].read);
  }
}

TEST_CASE("what the kernel said replays as the same events", "[hooks]") {
  TOCSIN_NEEDS_KERNEL();
  const TempDir folder;
  const std::string path = folder.file("recording");
  std::vector<std::vector<std::byte>> live, replayed;
  {
    auto source = BpfSource::open({});
    auto recorder = Recorder::create(path, {.boot_epoch_ns = 42});
    REQUIRE((source && recorder));
    const Action action;
    ::usleep(20'000);
    WireSink sink = [&](std::span<const std::byte> bytes) {
      live.emplace_back(bytes.begin(), bytes.end());
      CHECK(recorder->write_event(bytes));
    };
    while ((*source)->consume(100, sink).value() > 0) {
    }
  }
  auto replay = ReplaySource::open(path, {});
  REQUIRE(replay);
  WireSink sink = [&](std::span<const std::byte> bytes) {
    replayed.emplace_back(bytes.begin(), bytes.end());
    CHECK(decode(bytes, 42));
  };
  while ((*replay)->consume(100, sink).value() > 0) {
  }
  CHECK_FALSE((*replay)->summary().damage);
  CHECK(live.size() >= 6);
  CHECK(live == replayed);
}
