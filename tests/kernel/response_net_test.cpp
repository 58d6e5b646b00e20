// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Contacts to denied addresses are refused in every way a program can make them, and names are
// denied from their first answer on.
#include <errno.h>
#include <fmt/format.h>
#include <signal.h>

#include "support/kernel.hpp"
#include "support/net_lab.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

// Of the machine itself; the others exist only in network namespaces that the action makes.
constexpr const char* kDenied = "127.66.0.7";
constexpr const char* kBlock = "127.77.0.0/24";
constexpr const char* kAllowedInBlock = "127.77.0.5";
constexpr const char* kNetnsV4 = "198.51.100.66";
constexpr const char* kNetnsV6 = "2001:db8:66::7";
constexpr int kPort = 9;

struct Watch {
  Daemon daemon;

  explicit Watch(std::vector<std::string> settings)
      : daemon({.indicators =
                    indicator_file({std::string("ip,") + kDenied, std::string("cidr,") + kBlock,
                                    std::string("ip,") + kNetnsV4, std::string("ip,") + kNetnsV6}),
                .settings = std::move(settings)}) {
    require_ready(daemon);
  }
  ~Watch() { CHECK(daemon.stop() == 0); }

  // Contacts; the action's report, absent where the machine refuses the way itself.
  static std::optional<json> contact(const std::string& way, const std::string& address,
                                     std::vector<std::string> options = {}) {
    options.insert(options.begin(), {way, address, std::to_string(kPort)});
    return act("contact", options);
  }
  json alert_of(const json& report) {
    const auto alert = daemon.wait_alert([pid = report.at("pid")](const json& a) {
      return at(a, "event.action") == "connect" && at(a, "process.pid") == pid;
    });
    INFO(report.dump() << "\n" << told(daemon));
    REQUIRE(alert);
    return *alert;
  }
  void expect_refused(const std::string& way, const std::string& address,
                      std::vector<std::string> options = {}) {
    const auto report = contact(way, address, std::move(options));
    if (!report) return;
    INFO(report->dump());
    CHECK(report->at("errno") == EPERM);
    const auto alert = alert_of(*report);
    CHECK(at(alert, "tocsin.response.action") == "deny");
    CHECK(at(alert, "tocsin.response.result") == "done");
    CHECK(at(alert, "tocsin.response.rule") == "set test");
    CHECK(at(alert, "event.outcome") == "failure");
  }
};

const std::vector<std::string> kDeny = {
    "response.sets=[\"test=deny\"]", std::string("response.allow=[\"") + kAllowedInBlock + "\"]"};

}  // namespace

TEST_CASE("contacts to a denied address are refused in every way", "[response]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(kDeny);
  for (const char* way : {"tcp", "tcp-nonblock", "tcp-uring", "udp", "udp-send"}) {
    INFO(way);
    watch.expect_refused(way, kDenied);
    watch.expect_refused(way, std::string("::ffff:") + kDenied);
    watch.expect_refused(way, kNetnsV4, {"--netns"});
    watch.expect_refused(way, kNetnsV6, {"--netns"});
    watch.expect_refused(way, std::string("::ffff:") + kNetnsV4, {"--netns"});
    // Through a translator (NAT64): nothing is routed there, so only a refusal is EPERM.
    watch.expect_refused(way, std::string("64:ff9b::") + kNetnsV4, {"--netns"});
  }
  watch.expect_refused("tcp", "127.77.0.99");
  const auto status = watch.daemon.status();
  CHECK(at(status, "response.refused").get<int>() >= 20);
  CHECK(at(status, "response.denied.networks") == 4);
}

TEST_CASE("what is on the allow-list is not refused, and others are none of its business",
          "[response]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(kDeny);
  const auto allowed = watch.contact("tcp", kAllowedInBlock);
  REQUIRE(allowed);
  CHECK(allowed->at("errno") == ECONNREFUSED);  // nobody listens there
  CHECK(at(watch.alert_of(*allowed), "tocsin.response").is_null());
  const auto other = watch.contact("tcp", "127.66.0.8");
  REQUIRE(other);
  CHECK(other->at("errno") == ECONNREFUSED);
}

TEST_CASE("a dry run says what would have been refused", "[response]") {
  TOCSIN_NEEDS_KERNEL();
  auto settings = kDeny;
  settings.emplace_back("response.dry_run=true");
  Watch watch(settings);
  const auto report = watch.contact("tcp", kDenied);
  REQUIRE(report);
  CHECK(report->at("errno") == ECONNREFUSED);
  const auto alert = watch.alert_of(*report);
  CHECK(at(alert, "tocsin.response.action") == "deny");
  CHECK(at(alert, "tocsin.response.result") == "dry-run");
}

TEST_CASE("without a rule, and behind its end, nothing is refused", "[response]") {
  TOCSIN_NEEDS_KERNEL();
  const std::string rule = GENERATE("", "response.sets=[\"test=deny@2020-01-01\"]",
                                    "response.severities=[\"critical=deny\"]");
  Watch watch(rule.empty() ? std::vector<std::string>{} : std::vector<std::string>{rule});
  const auto report = watch.contact("tcp", kDenied);
  REQUIRE(report);
  CHECK(report->at("errno") == ECONNREFUSED);
  CHECK(at(watch.alert_of(*report), "tocsin.response").is_null());
}

TEST_CASE("a set that comes is denied, and one that goes is not any more", "[response]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(kDeny);
  const std::string newcomer = "127.66.0.9";
  const auto refused = [&](bool wanted) {
    for (int i = 0; i < 100; ++i) {
      const auto report = watch.contact("tcp", newcomer);
      if (report && (report->at("errno") == EPERM) == wanted) return true;
    }
    return false;
  };
  CHECK(refused(false));
  write_file(watch.daemon.indicator_path(), indicator_file({"ip," + newcomer}));
  watch.daemon.child().signal(SIGHUP);
  CHECK(refused(true));
  write_file(watch.daemon.indicator_path(), indicator_file({"ip,127.66.0.10"}));
  watch.daemon.child().signal(SIGHUP);
  CHECK(refused(false));
}

TEST_CASE("the first packet after the answer for a denied name is refused", "[response][names]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto lacks = NetLab::lacks(); !lacks.empty())
    return print_skipped("denied names", lacks);
  const NetLab::Names names = {{"bad-name.example", "203.0.113.1"},
                               {"good-name.example", "203.0.113.2"},
                               {"inside.example", "10.66.0.1"}};
  NetLab lab(names);
  Daemon daemon({.indicators = indicator_file({"domain,bad-name.example", "domain,inside.example"}),
                 .settings = {"response.sets=[\"test=deny\"]"}});
  lab.start_dns();
  lab.resolve_by(NetLab::kDns);
  lab.start_tls();
  require_ready(daemon);
  const auto curl = [&](const std::string& name) {
    auto child = lab.start({"curl", "-4", "-sk", "-o", "/dev/null", "https://www." + name + "/"});
    const auto code = child->wait(Millis(20'000));
    return std::pair(child->pid(), code);
  };
  CHECK(curl("good-name.example").second == 0);
  constexpr int kCannotConnect = 7;  // curl
  const auto [pid, code] = curl("bad-name.example");
  INFO(told(daemon));
  CHECK(code == kCannotConnect);
  const auto alert = daemon.wait_alert([pid = pid](const json& a) {
    return at(a, "event.action") == "connect-by-name" && at(a, "process.pid") == pid;
  });
  REQUIRE(alert);
  CHECK(at(*alert, "tocsin.response.result") == "done");
  CHECK(at(*alert, "tocsin.response.latency_ns") == 0);
  // Whoever answers for a listed name cannot have the host's own networks denied.
  CHECK(curl("inside.example").second == 0);
  CHECK(curl("good-name.example").second == 0);
  CHECK(at(daemon.status(), "response.denied.learned_addresses") == 1);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a name that is listed after it was resolved has its address denied",
          "[response][names]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto lacks = NetLab::lacks(); !lacks.empty())
    return print_skipped("names listed late", lacks);
  NetLab lab({{"late-name.example", "203.0.113.1"}, {"good-name.example", "203.0.113.2"}});
  Daemon daemon({.indicators = indicator_file({"domain,other-name.example"}),
                 .settings = {"response.sets=[\"test=deny\"]"}});
  lab.start_dns();
  lab.resolve_by(NetLab::kDns);
  lab.start_tls();
  require_ready(daemon);
  const auto curl = [&](const std::string& host) {
    return lab.start({"curl", "-4", "-sk", "-o", "/dev/null", "https://" + host + "/"})
        ->wait(Millis(20'000))
        .value_or(-1);
  };
  REQUIRE(curl("late-name.example") == 0);
  REQUIRE(curl("good-name.example") == 0);
  REQUIRE(curl("203.0.113.1") == 0);
  write_file(daemon.indicator_path(), indicator_file({"domain,late-name.example"}));
  daemon.child().signal(SIGHUP);
  // By address: nobody asks for the name again.
  int last = 0;
  for (int i = 0; i < 100 && last == 0; ++i) last = curl("203.0.113.1");
  INFO(told(daemon));
  CHECK(last == 7);  // curl: cannot connect
  CHECK(curl("203.0.113.2") == 0);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("questions for denied names are dropped where that is asked for", "[response][names]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto lacks = NetLab::lacks(); !lacks.empty())
    return print_skipped("refused questions", lacks);
  NetLab lab({{"bad-name.example", "203.0.113.1"}, {"good-name.example", "203.0.113.2"}});
  Daemon daemon({.indicators = indicator_file({"domain,bad-name.example"}),
                 .settings = {"response.sets=[\"test=deny\"]", "response.refuse_questions=true"}});
  lab.start_dns();
  lab.resolve_by(NetLab::kDns);
  require_ready(daemon);
  const auto dig = [&](const std::string& name) {
    auto child =
        lab.start({"dig", "+short", "+time=1", "+tries=1", std::string("@") + NetLab::kDns, name});
    child->wait(Millis(10'000));
    return child->out();
  };
  CHECK(dig("good-name.example") == "203.0.113.2\n");
  CHECK(dig("x.Bad-Name.example").find("203.0.113.1") == std::string::npos);
  const auto alert = daemon.wait_alert([](const json& a) {
    return at(a, "event.action") == "dns-query" && at(a, "tocsin.response.result") == "done";
  });
  INFO(told(daemon));
  CHECK(alert);
  CHECK(daemon.stop() == 0);
}
