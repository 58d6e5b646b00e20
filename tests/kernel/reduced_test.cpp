// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Refused hooks and missing rights: the daemon starts with what there is and says what is missing.
#include <linux/capability.h>

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

}  // namespace

TEST_CASE("five capabilities are enough, CAP_SYS_RESOURCE is not among them", "[reduced]") {
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
