// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Listed names, end to end: real programs, a real DNS server and a real TLS server in a network of
// their own; each name raises an alert by question, by contact, by hello and by address alone.
#include <fmt/format.h>

#include <set>
#include <sstream>

#include "support/container.hpp"
#include "support/kernel.hpp"
#include "support/net_lab.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

// The advisory's names, in its order: the first rows of type domain in the shipped set.
std::vector<std::string> advisory_names() {
  std::istringstream in(read_text(std::string(TOCSIN_SOURCE_DIR) + "/iocs/3cx-2023.ioc"));
  std::vector<std::string> names;
  for (std::string line; names.size() < 21 && std::getline(in, line);)
    if (line.starts_with("domain,")) names.push_back(line.substr(7, line.find(',', 7) - 7));
  return names;
}

NetLab::Names addressed(const std::vector<std::string>& names) {
  NetLab::Names out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out.emplace_back(names[i], fmt::format("203.0.113.{}", i + 1));
  return out;
}

Daemon::Fits alert_of(const std::string& action, const json& pid, const std::string& indicator) {
  return [=](const json& alert) {
    return at(alert, "event.action") == action && at(alert, "process.pid") == pid &&
           at(alert, "tocsin.indicator").at(0).at("value") == indicator;
  };
}

// A static program that resolves its argument by musl's own resolver. False: no compiler for it.
bool build_musl_resolver(const std::filesystem::path& program) {
  if (run_program({"sh", "-c", "command -v musl-gcc"}).exit_code != 0) return false;
  const TempDir dir;
  const auto source = dir.write("ask.c",
                                "#include <netdb.h>\n#include <stddef.h>\n"
                                "int main(int n, char** v) {\n  struct addrinfo* found;\n"
                                "  return n < 2 || getaddrinfo(v[1], \"443\", NULL, &found);\n}\n");
  return run_program({"musl-gcc", "-static", "-o", program, source}).exit_code == 0;
}

// The indicators, the network and the daemon that watches it.
struct Lab {
  std::vector<std::string> names = advisory_names();
  NetLab net{addressed(names)};
  Daemon daemon{{.indicators = read_text(std::string(TOCSIN_SOURCE_DIR) + "/iocs/3cx-2023.ioc")}};

  Lab() {
    net.start_dns();
    net.resolve_by(NetLab::kDns);
    require_ready(daemon);
  }
  ~Lab() { CHECK(daemon.stop() == 0); }

  pid_t run(std::vector<std::string> argv) {
    auto child = net.start(std::move(argv));
    child->wait(Millis(20'000));
    return child->pid();
  }
  json expect(const std::string& action, pid_t pid, const std::string& indicator) {
    const auto alert = daemon.wait_alert(alert_of(action, pid, indicator));
    INFO(action << " " << pid << " " << indicator << "\n" << told(daemon));
    REQUIRE(alert);
    return *alert;
  }
};

}  // namespace

// First line of each test case that needs the lab, too.
#define TOCSIN_NEEDS_LAB()                                \
  TOCSIN_NEEDS_KERNEL();                                  \
  if (const auto lacks = NetLab::lacks(); !lacks.empty()) \
  return print_skipped(Catch::getResultCapture().getCurrentTestName(), lacks)

TEST_CASE("each advisory name raises alerts by question, contact, hello and address", "[names]") {
  TOCSIN_NEEDS_LAB();
  Lab lab;
  REQUIRE(lab.names.size() == 21);
  lab.net.start_tls();
  for (std::size_t i = 0; i < lab.names.size(); ++i) {
    const auto& name = lab.names[i];
    const auto curl = lab.run({"curl", "-sk", "-o", "/dev/null", "https://www." + name + "/"});
    const auto asked = lab.expect("dns-query", curl, name);
    CHECK(at(asked, "dns.question.name") == "www." + name);
    CHECK(at(asked, "process.executable") == std::filesystem::canonical("/usr/bin/curl").string());
    const auto contact = lab.expect("connect-by-name", curl, name);
    CHECK(at(contact, "destination.domain") == "www." + name);
    CHECK(at(contact, "tocsin.names").at(0).at("source") == "own-dns");
    CHECK(at(contact, "tocsin.weak_because").is_null());
    const auto hello = lab.expect("tls-client-hello", curl, name);
    CHECK(at(hello, "tls.client.server_name") == "www." + name);
    CHECK(at(hello, "destination.port") == 443);
    CHECK(at(hello, "tocsin.hello.ja4").get<std::string>().starts_with("t13d"));
    // Somebody who never asked for a name goes to the same address.
    const auto other =
        lab.run({action_path("contact"), "tcp", fmt::format("203.0.113.{}", i + 1), "8443"});
    const auto weak = lab.expect("connect-by-name", other, name);
    CHECK_FALSE(at(weak, "tocsin.weak_because").is_null());
  }
}

TEST_CASE("programs that bring their own resolver are seen like any other", "[names]") {
  TOCSIN_NEEDS_LAB();
  Lab lab;
  const auto& name = lab.names[0];
  lab.expect("dns-query", lab.run({"getent", "ahosts", "a." + name}), name);
  const auto by_tcp = lab.expect(
      "dns-query", lab.run({"dig", "+tcp", "+tries=1", "b." + lab.names[1]}), lab.names[1]);
  CHECK(at(by_tcp, "network.transport") == "tcp");
  const auto v6 = lab.expect(
      "dns-query", lab.run({"dig", fmt::format("@{}", NetLab::kDns6), "AAAA", "c." + lab.names[2]}),
      lab.names[2]);
  CHECK(at(v6, "destination.ip") == NetLab::kDns6);
  CHECK(at(v6, "dns.question.type") == "AAAA");

  const TempDir dir;
  const auto program = dir.file("ask");
  if (!build_musl_resolver(program))
    return print_skipped("a static program with musl's resolver", "musl-gcc is not installed");
  lab.expect("dns-query", lab.run({program, "d." + lab.names[3]}), lab.names[3]);
}

TEST_CASE("a question through a local resolver belongs to the program that asked", "[names]") {
  TOCSIN_NEEDS_LAB();
  Lab lab;
  const auto stub = lab.net.start_stub().pid();
  lab.net.resolve_by(NetLab::kStub);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& name = lab.names[i];
    const auto asked = lab.run({"getent", "ahostsv4", name});
    const auto alert = lab.expect("dns-query", asked, name);
    CHECK(at(alert, "destination.ip") == NetLab::kStub);
    CHECK_FALSE(lab.daemon.wait_alert(alert_of("dns-query", stub, name), Millis(100)));
  }
  CHECK(at(lab.daemon.status(), "names.relayed").get<int>() >= 3);
}

TEST_CASE("a QUIC client's hello names its host", "[names]") {
  TOCSIN_NEEDS_LAB();
  if (run_program({"sh", "-c", "command -v gtlsclient"}).exit_code != 0)
    return print_skipped("QUIC", "gtlsclient (package ngtcp2-client) is not installed");
  Lab lab;
  const auto& name = lab.names[4];
  // Nobody answers: the first packet says it all.
  const auto client = lab.run({"timeout", "--foreground", "3", "gtlsclient", "-q", "--no-quic-dump",
                               "--no-http-dump", name, "443", "https://" + name + "/"});
  const auto hello = lab.daemon.wait_alert([&](const json& alert) {
    return at(alert, "event.action") == "tls-client-hello" &&
           at(alert, "tls.client.server_name") == name;
  });
  INFO(client << "\n" << told(lab.daemon));
  REQUIRE(hello);
  CHECK(at(*hello, "network.protocol") == "quic");
  CHECK(at(*hello, "network.transport") == "udp");
  CHECK(at(*hello, "tocsin.hello.ja4").get<std::string>().starts_with("q13d"));
  CHECK(at(*hello, "process.name") == "gtlsclient");
}

TEST_CASE("an HTTP request names its host", "[names]") {
  TOCSIN_NEEDS_LAB();
  Lab lab;
  lab.net.start_tls();  // takes the request, if only to refuse it
  const auto& name = lab.names[5];
  const auto curl = lab.run({"curl", "-s", "-o", "/dev/null", "http://" + name + ":443/x"});
  const auto hello = lab.expect("tls-client-hello", curl, name);
  CHECK(at(hello, "network.protocol") == "http");
  CHECK(at(hello, "destination.domain") == name);
}

TEST_CASE("names that only look like listed ones are silent", "[names]") {
  TOCSIN_NEEDS_LAB();
  Lab lab;
  const auto quiet = lab.run({"getent", "ahostsv4", "notofficeaddons.com"});
  const auto deep = lab.run({"getent", "ahostsv4", "officeaddons.com.example"});
  const auto loud = lab.run({"getent", "ahostsv4", "A.b.OfficeAddons.COM."});
  lab.expect("dns-query", loud, "officeaddons.com");
  for (const auto& alert : lab.daemon.alerts()) {
    CHECK(at(alert, "process.pid") != quiet);
    CHECK(at(alert, "process.pid") != deep);
  }
}

TEST_CASE("a container's names are its own", "[names][container]") {
  TOCSIN_NEEDS_LAB();
  if (!RuncBundle::available()) return print_skipped("names in a container", "runc does not run");
  Lab lab;
  const TempDir dir;
  RuncBundle bundle(dir / "bundle");
  if (!build_musl_resolver(bundle.root() / "bin/ask"))
    return print_skipped("names in a container", "musl-gcc is not installed");
  std::filesystem::create_directories(bundle.root() / "etc");
  write_file(bundle.root() / "etc/resolv.conf", fmt::format("nameserver {}\n", NetLab::kDns));
  bundle.join_network(lab.net.net_ns_path());
  CHECK(bundle.run({"/bin/ask", "x." + lab.names[7]}).exit_code == 0);
  const auto alert = lab.daemon.wait_alert([&](const json& a) {
    return at(a, "event.action") == "dns-query" &&
           at(a, "dns.question.name") == "x." + lab.names[7];
  });
  INFO(told(lab.daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "process.executable") == "/bin/ask");
  CHECK(at(*alert, "container.id") == bundle.id());
}
