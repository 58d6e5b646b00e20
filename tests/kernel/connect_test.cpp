// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// An indicator address is contacted in every way a program can do it.
#include <unistd.h>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

// Of the machine itself; the others exist only in network namespaces that the action makes.
constexpr const char* kLoopbackV4 = "127.66.0.7";
constexpr const char* kNetnsV4 = "198.51.100.66";
constexpr const char* kNetnsV6 = "2001:db8:66::7";
constexpr int kPort = 9;

Daemon::Fits contact_alert(const json& report) {
  return [pid = report.at("pid")](const json& alert) {
    return at(alert, "event.action") == "connect" && at(alert, "process.pid") == pid;
  };
}

struct Watch {
  Daemon daemon{{.indicators = indicator_file({std::string("ip,") + kLoopbackV4,
                                               std::string("ip,") + kNetnsV4,
                                               std::string("ip,") + kNetnsV6})}};
  Watch() { require_ready(daemon); }
  ~Watch() { CHECK(daemon.stop() == 0); }

  // Contacts and checks the alert: process, address as asked for (v4 when mapped), port.
  void expect(const std::string& way, const std::string& address, const std::string& shown,
              std::vector<std::string> options = {}) {
    options.insert(options.begin(), {way, address, std::to_string(kPort)});
    const auto report = act("contact", options);
    if (!report) return;
    const auto alert = daemon.wait_alert(contact_alert(*report));
    INFO(report->dump() << "\n" << told(daemon));
    REQUIRE(alert);
    CHECK(at(*alert, "destination.ip") == shown);
    CHECK(at(*alert, "destination.port") == kPort);
    CHECK(at(*alert, "network.transport") == (way.starts_with("udp") ? "udp" : "tcp"));
    CHECK(at(*alert, "process.executable") ==
          std::filesystem::canonical(action_path("contact")).string());
    CHECK(at(*alert, "tocsin.indicator").at(0).at("set") == "test");
  }
};

// A child control group of cgroup2, removed at the end.
struct ChildCgroup {
  std::filesystem::path path;
  ChildCgroup() {
    const std::filesystem::path root = cgroup2_mount();
    if (root.empty()) return;
    path = root / ("tocsin-test-" + std::to_string(::getpid()));
    std::filesystem::create_directory(path);
  }
  ~ChildCgroup() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove(path, ignored);
  }
};

}  // namespace

TEST_CASE("TCP and UDP to an indicator address raise an alert", "[connect][vm][brief]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch;
  for (const char* way : {"tcp", "tcp-nonblock", "tcp-uring", "udp", "udp-send"}) {
    INFO(way);
    watch.expect(way, kLoopbackV4, kLoopbackV4);
    watch.expect(way, std::string("::ffff:") + kLoopbackV4, kLoopbackV4);
  }
}

TEST_CASE("contacts from another network namespace raise an alert", "[connect]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch;
  for (const char* way : {"tcp", "tcp-nonblock", "tcp-uring", "udp", "udp-send"}) {
    INFO(way);
    watch.expect(way, kNetnsV4, kNetnsV4, {"--netns"});
    watch.expect(way, kNetnsV6, kNetnsV6, {"--netns"});
    watch.expect(way, std::string("::ffff:") + kNetnsV4, kNetnsV4, {"--netns"});
  }
}

TEST_CASE("contacts from a child control group raise an alert", "[connect]") {
  TOCSIN_NEEDS_KERNEL();
  const ChildCgroup group;
  if (group.path.empty()) return print_skipped("child control group", "no cgroup2 is mounted");
  Watch watch;
  for (const char* way : {"tcp", "udp", "udp-send"})
    watch.expect(way, kLoopbackV4, kLoopbackV4, {"--cgroup", group.path});
}

TEST_CASE("other addresses raise no alert", "[connect]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch;
  const auto quiet = act("contact", {"tcp", "127.66.0.8", std::to_string(kPort)});
  REQUIRE(quiet);
  watch.expect("tcp", kLoopbackV4, kLoopbackV4);  // what came before it has been judged
  CHECK_FALSE(watch.daemon.wait_alert(contact_alert(*quiet), Millis(0)));
}
