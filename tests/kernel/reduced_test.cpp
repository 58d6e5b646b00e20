// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Refused hooks and missing rights: the daemon starts with what there is and says what is missing.
#include <linux/capability.h>
#include <unistd.h>

#include <map>
#include <set>
#include <sstream>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

// The least set of a packaged daemon, without CAP_SYS_RESOURCE and CAP_SYS_ADMIN.
const std::vector<int> kPackaged = {CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_PTRACE,
                                    CAP_DAC_READ_SEARCH};

std::vector<int> without(int capability) {
  std::vector<int> rest = kPackaged;
  std::erase(rest, capability);
  return rest;
}

constexpr const char* kAddress = "127.66.0.9";

struct Watch {
  TempDir dir;
  Payload payload;
  Daemon daemon;

  explicit Watch(const std::vector<int>& capabilities, const std::string& disabled = "")
      : payload(make_payload(dir / "payload")),
        daemon({.indicators = indicator_file({payload.indicator(), std::string("ip,") + kAddress}),
                .settings = disable(disabled),
                .capabilities = capabilities}) {
    require_ready(daemon);
  }
  ~Watch() { CHECK(daemon.stop() == 0); }

  static std::vector<std::string> disable(const std::string& hooks) {
    if (hooks.empty()) return {};
    return {"capture.disable_hooks=[" + hooks + "]"};
  }

  // How status shows the hook of an event.
  json hook(const std::string& event) {
    const json status = daemon.status();
    for (const json& hook : status.at("hooks"))
      if (hook.at("event") == event) return hook;
    FAIL("status shows no hook for " << event << ": " << status.dump());
    return {};
  }

  // An alert that is to come may take its time on a busy machine; one that is not is not waited
  // for.
  static Millis patience(bool expected) { return Millis(expected ? 10'000 : 1'500); }

  bool sees_exec(bool expected = true) {
    const auto report = act("exec_as", {"0", "0", payload.path, "300"});
    REQUIRE(report);
    return daemon.wait_alert(exec_alert(*report, payload.sha256), patience(expected)).has_value();
  }
  bool sees_connect(bool expected = true) {
    const auto report = act("contact", {"tcp", kAddress, "9"});
    REQUIRE(report);
    const auto fits = [&](const json& alert) {
      return at(alert, "event.action") == "connect" &&
             at(alert, "process.pid") == report->at("pid");
    };
    return daemon.wait_alert(fits, patience(expected)).has_value();
  }
};

// What doctor says with these capabilities: checks by name.
std::map<std::string, json> doctor_with(const std::vector<int>& capabilities) {
  Child child({.argv = {std::string(TOCSIN_BIN_DIR) + "/tocsin", "doctor", "--json"},
               .capabilities = capabilities});
  REQUIRE(child.wait(Millis(60'000)));
  std::map<std::string, json> checks;
  std::istringstream lines(child.out());
  for (std::string line; std::getline(lines, line);) {
    auto check = json::parse(line);
    const std::string name = check.at("check");
    checks.emplace(name, std::move(check));
  }
  return checks;
}

// "hook exec" → the hook in use; empty: none.
std::string hook_in(const json& check) {
  const std::string detail = check.at("detail");
  const std::string used = detail.substr(0, detail.find("; "));
  return used == "nothing works" ? "" : used;
}

struct Taken {
  const char* name;
  int number;
  std::set<std::string> hit;  // events that then have a lesser hook, or none
  bool starts = true;         // whether there is anything left to run for
};

// What the daemon's status says of each event's hook; empty: none.
std::map<std::string, std::string> hooks_in_use(Daemon& daemon) {
  std::map<std::string, std::string> used;
  const json status = daemon.status();
  for (const json& hook : status.at("hooks"))
    if (!hook.at("event").get<std::string>().starts_with("deny-"))  // doctor has its own lines
      used[hook.at("event")] = hook.at("hook");
  REQUIRE(used.size() >= 9);
  return used;
}

}  // namespace

TEST_CASE("five capabilities are enough, CAP_SYS_RESOURCE is not among them", "[reduced][vm]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(kPackaged);
  INFO(told(watch.daemon));
  CHECK(watch.sees_exec());
  CHECK(watch.sees_connect());
}

TEST_CASE("with the control group hooks refused, lesser hooks do what they can", "[reduced]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(without(CAP_NET_ADMIN));
  CHECK(watch.sees_exec());
  CHECK(watch.sees_connect());
  INFO(told(watch.daemon));
  const json connect = watch.hook("connect");
  CHECK(connect.at("state") == "fallback");
  CHECK_FALSE(connect.at("lost").get<std::string>().empty());
  // Nothing else sees a datagram: the log says so, and status for as long as it is so.
  CHECK(watch.hook("datagram").at("state") == "failed");
  CHECK(watch.daemon.log().find("sendmsg4") != std::string::npos);
}

TEST_CASE("with the tracing hooks refused, it says that it cannot see execs", "[reduced]") {
  TOCSIN_NEEDS_KERNEL();
  TempDir dir;
  Daemon daemon({.indicators = indicator_file({std::string("ip,") + kAddress}),
                 .capabilities = without(CAP_PERFMON)});
  const bool ready = daemon.wait_ready();
  INFO(daemon.log());
  CHECK(daemon.log().find("exec") != std::string::npos);
  if (ready) {
    CHECK(daemon.status().dump().find("exec") != std::string::npos);
    CHECK(daemon.stop() == 0);
  } else {  // without any hook there is nothing to run for: a clear end, not a silent one
    const auto code = daemon.child().wait(Millis(20'000));
    REQUIRE(code);
    CHECK(*code > 0);
    CHECK(*code < 128);
  }
}

TEST_CASE("with the better tracing hooks refused, the fallbacks do the work", "[reduced]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(kPackaged, R"("tp_btf/sched_process_fork", "tp_btf/sched_process_exec",
      "lsm.s/bprm_committed_creds", "lsm/bprm_committed_creds",
      "tp_btf/sched_process_exit", "tp_btf/cgroup_mkdir", "tp_btf/inet_sock_set_state")");
  CHECK(watch.sees_exec());
  CHECK(watch.sees_connect());
  for (const char* event : {"fork", "exec", "exit", "outcome"}) {
    const json hook = watch.hook(event);
    INFO(hook.dump());
    CHECK(hook.at("state") == "fallback");
    CHECK(hook.at("hook").get<std::string>().starts_with("raw_tp/"));
  }
}

TEST_CASE("each missing hook costs only its own events, and is named", "[reduced]") {
  TOCSIN_NEEDS_KERNEL();
  const std::string event =
      GENERATE("fork", "exec", "exit", "cgroup", "connect", "datagram", "outcome", "packet");
  Watch watch(kPackaged, '"' + event + '"');
  INFO(event << "\n" << told(watch.daemon));
  CHECK(watch.sees_exec(event != "exec") == (event != "exec"));
  CHECK(watch.sees_connect(event != "connect") == (event != "connect"));
  const json hook = watch.hook(event);
  INFO(hook.dump());
  CHECK((hook.at("state") == "off" || hook.at("state") == "failed"));
  CHECK_FALSE(hook.at("lost").get<std::string>().empty());
}

TEST_CASE("doctor names what each missing right costs, and the daemon is as it says", "[reduced]") {
  TOCSIN_NEEDS_KERNEL();
  const auto taken = GENERATE(values<Taken>({
      {"CAP_BPF", CAP_BPF, {}, false},
      // The control group programs read kernel memory, too.
      {"CAP_PERFMON",
       CAP_PERFMON,
       {"fork", "exec", "module", "exit", "cgroup", "connect", "datagram", "outcome", "packet"}},
      {"CAP_NET_ADMIN", CAP_NET_ADMIN, {"connect", "datagram", "packet"}},
      {"CAP_SYS_PTRACE", CAP_SYS_PTRACE, {}},
      {"CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH, {}},
  }));
  static const auto whole = doctor_with(kPackaged);
  auto checks = doctor_with(without(taken.number));
  for (const auto& [name, check] : checks) {
    if (!name.starts_with("CAP_")) continue;
    INFO(check.dump());
    CHECK((check.at("verdict") == "ok") == (name != taken.name));
    CHECK(check.at("lost").get<std::string>().empty() == (name != taken.name));
  }
  Daemon daemon({.indicators = indicator_file({std::string("ip,") + kAddress}),
                 .capabilities = without(taken.number)});
  INFO(taken.name);
  if (!taken.starts) {
    CHECK(checks.at("hooks").at("verdict") != "ok");
    CHECK_FALSE(daemon.wait_ready());
    CHECK(daemon.log().find("Operation not permitted") != std::string::npos);
    return;
  }
  require_ready(daemon);
  for (const auto& [event, used] : hooks_in_use(daemon)) {
    const json& check = checks.at("hook " + event);
    INFO(check.dump());
    CHECK(used == hook_in(check));
    const std::string best = hook_in(whole.at("hook " + event));
    const bool worse = used != best;
    CHECK(worse == (taken.hit.contains(event) && !best.empty()));
    if (worse) CHECK_FALSE(check.at("lost").get<std::string>().empty());
  }
  CHECK(daemon.stop() == 0);
}

// Owned by another user, who alone may read it.
TEST_CASE("a private program is hashed by right or by the kernel, else counted", "[reduced]") {
  TOCSIN_NEEDS_KERNEL();
  const int right = GENERATE(CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_SYS_RESOURCE);
  const TempDir dir;
  const auto payload = make_payload(dir / "private");
  REQUIRE(::chown(payload.path.c_str(), 65534, 65534) == 0);
  std::filesystem::permissions(payload.path, static_cast<std::filesystem::perms>(0700));
  Daemon daemon(
      {.indicators = indicator_file({payload.indicator()}), .capabilities = without(right)});
  require_ready(daemon);
  const auto report = act("exec_as", {"65534", "65534", payload.path, "300"});
  REQUIRE(report);
  const auto unreadable = [&] {
    const auto misses = daemon.status().at("hash").at("misses");
    return misses.value("unreadable", 0) > 0;
  };
  std::optional<json> alert;
  for (int i = 0; i < 50 && !alert && !unreadable(); ++i)
    alert = daemon.wait_alert(exec_alert(*report, payload.sha256), Millis(200));
  INFO(daemon.status().at("hash").dump() << told(daemon));
  if (right != CAP_DAC_READ_SEARCH) {
    REQUIRE(alert);  // without CAP_SYS_RESOURCE, which is not in the set, nothing is lost
    if (right == CAP_SYS_PTRACE) CHECK(at(*alert, "tocsin.hash.rung") != "proc-exe");
  } else if (alert) {
    CHECK(at(*alert, "tocsin.hash.rung") == "ima");
  } else {
    CHECK(unreadable());
  }
  CHECK(daemon.stop() == 0);
}
