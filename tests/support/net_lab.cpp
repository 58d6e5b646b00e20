// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/net_lab.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <stdexcept>
#include <thread>

namespace tocsin::test {
namespace {

void must(const std::vector<std::string>& argv) {
  const auto done = run_program(argv);
  if (done.exit_code != 0) throw std::runtime_error(fmt::format("{}: {}", argv[0], done.err));
}

bool present(const char* program) {
  return run_program({"sh", "-c", fmt::format("command -v {}", program)}).exit_code == 0;
}

}  // namespace

std::string NetLab::lacks() {
  for (const char* program : {"unshare", "nsenter", "ip", "ss", "dnsmasq", "openssl", "curl"})
    if (!present(program)) return fmt::format("{} is not installed", program);
  const auto made = run_program({"unshare", "--net", "--mount", "true"});
  return made.exit_code == 0 ? "" : "no namespaces: " + made.err;
}

NetLab::NetLab(const Names& names) : names_(names) {
  // The shell says when the namespaces are there, then becomes the process that holds them.
  first_ = std::make_unique<Child>(
      ChildOptions{{"unshare", "--net", "--mount", "--propagation", "private", "sh", "-c",
                    "ip link set lo up && mount --bind $0 /etc/resolv.conf && echo up && "
                    "exec sleep 600",
                    dir_.write("resolv.conf", "")}});
  for (int i = 0; i < 500 && first_->out().empty() && first_->running(); ++i)
    std::this_thread::sleep_for(patient(Millis(10)));
  if (first_->out().empty()) throw std::runtime_error("no lab: " + first_->err());
  add_addresses(names);
}

void NetLab::add_addresses(const Names& names) const {
  std::set<std::string> addresses = {kDns, kDns6};
  for (const auto& [name, address] : names) addresses.insert(address);
  for (const auto& address : addresses) {
    const bool v6 = address.find(':') != std::string::npos;
    auto argv = inside({"ip", "addr", "add", address + (v6 ? "/128" : "/32"), "dev", "lo"});
    if (v6) argv.push_back("nodad");
    must(argv);
  }
}

std::vector<std::string> NetLab::inside(std::vector<std::string> argv) const {
  std::vector<std::string> out = {
      "nsenter", "--net", "--mount", "--target", std::to_string(first_->pid()), "--"};
  out.insert(out.end(), argv.begin(), argv.end());
  return out;
}

std::unique_ptr<Child> NetLab::start(std::vector<std::string> argv) const {
  return std::make_unique<Child>(ChildOptions{inside(std::move(argv))});
}

std::string NetLab::net_ns_path() const {
  return fmt::format("/proc/{}/ns/net", first_->pid());
}

void NetLab::resolve_by(const std::string& server) {
  write_file(dir_ / "resolv.conf",
             fmt::format("nameserver {}\noptions timeout:2 attempts:2\n", server));
}

void NetLab::wait_for_port(const std::string& proto, int port) const {
  for (int i = 0; i < 300; ++i) {
    const auto listed =
        run_program(inside({"ss", "-Hln" + proto, fmt::format("sport = {}", port)}));
    if (!listed.out.empty()) return;
    std::this_thread::sleep_for(Millis(20));
  }
  throw std::runtime_error(fmt::format("nobody listens at {} port {}: {}", proto, port,
                                       servers_.empty() ? "" : servers_.back()->err()));
}

void NetLab::start_dns() {
  std::vector<std::string> argv = {"dnsmasq",     "--keep-in-foreground", "--conf-file=/dev/null",
                                   "--no-hosts",  "--no-resolv",          "--bind-interfaces",
                                   "--user=root", "--pid-file=",          "--local-ttl=300"};
  for (const char* server : {kDns, kDns6})
    argv.push_back(fmt::format("--listen-address={}", server));
  for (const auto& [name, address] : names_)
    argv.push_back(fmt::format("--address=/{}/{}", name, address));
  servers_.push_back(start(std::move(argv)));
  wait_for_port("u", 53);
}

Child& NetLab::start_stub() {
  servers_.push_back(start({"dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                            "--no-hosts", "--no-resolv", "--bind-interfaces", "--user=root",
                            "--pid-file=", fmt::format("--listen-address={}", kStub),
                            fmt::format("--server={}", kDns)}));
  auto& stub = *servers_.back();
  for (int i = 0; i < 300 && stub.running(); ++i) {
    const auto listed = run_program(inside({"ss", "-Hlnu", fmt::format("src {}", kStub)}));
    if (!listed.out.empty()) break;
    std::this_thread::sleep_for(Millis(20));
  }
  return stub;
}

std::string NetLab::start_resolved() {
  const std::string program = std::string(TOCSIN_SOURCE_DIR) +
                              "/build/test-programs/systemd-resolved/lib/systemd/systemd-resolved";
  if (!std::filesystem::exists(program)) return {};
  // It wants its user, a device with an address, and a folder to write to: all in this lab only.
  constexpr const char* kPrepare = R"(set -e
    mkdir -p $1/etc
    for file in passwd group; do cp /etc/$file $1/etc/$file; done
    grep -q ^systemd-resolve: /etc/passwd || {
      echo systemd-resolve:x:991:991::/:/usr/sbin/nologin >> $1/etc/passwd
      echo systemd-resolve:x:991: >> $1/etc/group
    }
    for file in passwd group; do mount --bind $1/etc/$file /etc/$file; done
    mount -t tmpfs tmpfs /run/systemd
    mkdir -p /run/systemd/resolve /run/systemd/resolved.conf.d
    chown systemd-resolve:systemd-resolve /run/systemd/resolve
    printf '[Resolve]\nDNS=%s\nDNSSEC=no\nLLMNR=no\nMulticastDNS=no\n' $2 \
      > /run/systemd/resolved.conf.d/lab.conf
    ip link add lab0 type veth peer name lab1
    ip addr add 198.51.100.2/24 dev lab0
    ip link set lab0 up; ip link set lab1 up
    ip route add default via 198.51.100.1)";
  must(inside({"sh", "-c", kPrepare, "prepare", dir_.path().string(), kDns}));
  servers_.push_back(start({program}));
  const auto run = fmt::format("/proc/{}/root/run/systemd/resolve", first_->pid());
  for (int i = 0; i < 500; ++i) {
    if (std::filesystem::exists(run + "/io.systemd.Resolve.Monitor")) return run;
    std::this_thread::sleep_for(patient(Millis(20)));
  }
  throw std::runtime_error("systemd-resolved did not start: " + servers_.back()->err());
}

void NetLab::start_tls() {
  const std::string key = dir_.file("key.pem"), certificate = dir_.file("cert.pem");
  must({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=lab.test"});
  servers_.push_back(start({"openssl", "s_server", "-accept", "443", "-key", key, "-cert",
                            certificate, "-www", "-quiet"}));
  wait_for_port("t", 443);
}

}  // namespace tocsin::test
