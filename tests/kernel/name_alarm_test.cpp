// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Listed names, end to end: real programs, a real DNS server and a real TLS server in a network of
// their own; each name raises an alert by question, by contact, by hello and by address alone.
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
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

// The network, and the daemon with the shipped indicators that watches it.
struct Lab {
  std::vector<std::string> names = advisory_names();
  NetLab net{addressed(names)};
  std::string resolved;  // run folder of systemd-resolved; empty: it does not run
  Daemon daemon;

  explicit Lab(bool with_resolved = false)
      : resolved(with_resolved ? net.start_resolved() : ""), daemon(options(resolved)) {
    net.start_dns();
    net.resolve_by(NetLab::kDns);
    require_ready(daemon);
  }
  static DaemonOptions options(const std::string& resolved) {
    DaemonOptions out;
    out.indicators = read_text(std::string(TOCSIN_SOURCE_DIR) + "/iocs/3cx-2023.ioc");
    if (!resolved.empty())
      out.settings = {"names.resolver_monitor=" + resolved + "/io.systemd.Resolve.Monitor"};
    return out;
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

// Asks systemd-resolved as nss-resolve does: over its Varlink socket, without a packet.
std::string ask_resolved(const std::string& run, const std::string& name) {
  const tocsin::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = run + "/io.systemd.Resolve";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return "no connection";
  const json call = {{"method", "io.systemd.Resolve.ResolveHostname"},
                     {"parameters", {{"name", name}, {"family", AF_INET}}}};
  const auto text = call.dump() + '\0';
  if (::write(socket.get(), text.data(), text.size()) < 0) return "not written";
  std::array<char, 4096> reply{};
  const auto n = ::read(socket.get(), reply.data(), reply.size() - 1);
  return n > 0 ? std::string(reply.data(), static_cast<std::size_t>(n)) : "no reply";
}

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
  bundle.run({"/bin/ask", "x." + lab.names[7]});  // AAAA is refused, so it may end either way
  const auto alert = lab.daemon.wait_alert([&](const json& a) {
    return at(a, "event.action") == "dns-query" &&
           at(a, "dns.question.name") == "x." + lab.names[7];
  });
  INFO(told(lab.daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "process.executable") == "/bin/ask");
  CHECK(at(*alert, "container.id") == bundle.id());
}

TEST_CASE("names that systemd-resolved was asked for without a packet", "[names]") {
  TOCSIN_NEEDS_LAB();
  Lab lab(/*with_resolved=*/true);
  if (lab.resolved.empty())
    return print_skipped("systemd-resolved's monitor", "./check has not unpacked systemd-resolved");
  const auto monitor = [&] { return at(lab.daemon.status(), "names.resolver_monitor"); };
  CHECK(at(monitor(), "state") == "connected");
  const auto& name = lab.names[9];
  const auto reply = ask_resolved(lab.resolved, "r." + name);
  INFO(reply << "\n" << told(lab.daemon));
  REQUIRE(reply.find("addresses") != std::string::npos);
  // resolved's own question went out as a packet: the alert says that a resolver asked. What the
  // monitor tells of the same look-up may be read first, and then has an alert of its own.
  const auto asked = lab.daemon.wait_alert([&](const json& a) {
    return at(a, "event.action") == "dns-query" && at(a, "dns.question.name") == "r." + name &&
           at(a, "process.name") == "systemd-resolved";
  });
  REQUIRE(asked);
  CHECK(at(*asked, "tocsin.weak_because").get<std::string>().starts_with("asked by a resolver"));
  // Whoever contacts the address then is named, and the provenance says by whom.
  const auto pid = lab.run({action_path("contact"), "tcp", "203.0.113.10", "443"});
  const auto contact = lab.expect("connect-by-name", pid, name);
  bool told_by_monitor = false;
  for (const auto& candidate : at(contact, "tocsin.names"))
    told_by_monitor = told_by_monitor || at(candidate, "source") == "resolver-monitor";
  CHECK(told_by_monitor);
  CHECK_FALSE(at(contact, "tocsin.weak_because").is_null());
  CHECK(at(monitor(), "lookups").get<int>() >= 1);
  CHECK(at(monitor(), "malformed") == 0);
}
