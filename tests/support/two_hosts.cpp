// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/two_hosts.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <thread>

namespace tocsin::test {
namespace {

namespace fs = std::filesystem;

void must(const std::vector<std::string>& argv) {
  const Finished done = run_program(argv);
  if (done.exit_code == 0) return;
  std::string text = "failed:";
  for (const std::string& a : argv) text += " " + a;
  throw std::runtime_error(text + ": " + done.err);
}

std::vector<std::string> inside(const std::string& net_ns, std::vector<std::string> argv) {
  argv.insert(argv.begin(), {"ip", "netns", "exec", net_ns});
  return argv;
}

fs::path own_etc(const std::string& net_ns) {
  return fs::path("/etc/netns") / net_ns;
}

}  // namespace

std::string TwoHosts::refusal() {
  const Finished try_one = run_program({"unshare", "--net", "ip", "-6", "addr"});
  return try_one.exit_code == 0 ? "" : try_one.err;
}

TwoHosts::TwoHosts() {
  const std::string mark = "tocsin-" + std::to_string(::getpid());
  client_ = mark + "-c", server_ = mark + "-s";
  must({"ip", "netns", "add", client_});
  must({"ip", "netns", "add", server_});
  must({"ip", "link", "add", "cable", "netns", client_, "type", "veth", "peer", "name", "cable",
        "netns", server_});
  const auto configure = [](const std::string& net_ns, const char* v4, const char* v6) {
    must({"ip", "-n", net_ns, "addr", "add", std::string(v4) + "/24", "dev", "cable"});
    must({"ip", "-n", net_ns, "addr", "add", std::string(v6) + "/64", "dev", "cable", "nodad"});
    for (const char* device : {"lo", "cable"})
      must({"ip", "-n", net_ns, "link", "set", device, "up"});
  };
  configure(client_, kClient, kClient6);
  configure(server_, kServer, kServer6);
  fs::create_directories(own_etc(client_));
  resolve_by(kServer);
  must({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", key(), "-out", certificate(), "-days", "2", "-subj", "/CN=test.example"});
}

TwoHosts::~TwoHosts() {
  for (const std::string& net_ns : {client_, server_}) {
    try {
      run_program({"ip", "netns", "del", net_ns});
    } catch (const std::exception&) {  // nothing more can be done about it
    }
    std::error_code ignored;
    fs::remove_all(own_etc(net_ns), ignored);
  }
  std::error_code ignored;
  fs::remove("/etc/netns", ignored);  // only when empty
}

void TwoHosts::resolve_by(const std::string& address) const {
  write_file(own_etc(client_) / "resolv.conf", "nameserver " + address + "\noptions timeout:2\n");
}

TwoHosts::Ran TwoHosts::on_client(std::vector<std::string> argv, Millis limit) const {
  const auto child = start_on_client(std::move(argv));
  const auto code = child->wait(limit);
  if (!code) throw std::runtime_error("a program on the client did not end in time");
  return {.pid = child->pid(),
          .end = {.exit_code = *code, .out = child->out(), .err = child->err()}};
}

std::unique_ptr<Child> TwoHosts::start_on_client(std::vector<std::string> argv) const {
  return std::make_unique<Child>(ChildOptions{.argv = inside(client_, std::move(argv))});
}

std::unique_ptr<Child> TwoHosts::start_on_server(std::vector<std::string> argv) const {
  return std::make_unique<Child>(ChildOptions{.argv = inside(server_, std::move(argv))});
}

std::uint32_t TwoHosts::client_net_ns() const {
  struct stat st {};
  if (::stat(("/run/netns/" + client_).c_str(), &st) != 0)
    throw std::runtime_error("the client's namespace is gone");
  return static_cast<std::uint32_t>(st.st_ino);
}

void TwoHosts::wait_port(bool server, const std::string& kind, std::uint16_t port) const {
  const std::vector<std::string> ask = {"ss", "-Hln", "-A", kind,
                                        "sport = :" + std::to_string(port)};
  for (int i = 0; i < 200; ++i) {
    if (!run_program(inside(server ? server_ : client_, ask)).out.empty()) return;
    std::this_thread::sleep_for(Millis(20));
  }
  throw std::runtime_error("no server came up at " + kind + " port " + std::to_string(port));
}

std::unique_ptr<Child> TwoHosts::start_dns(const std::string& lines) const {
  const std::string config =
      folder_.write("dnsmasq.conf",
                    "no-resolv\nno-hosts\nuser=root\npid-file=\nbind-interfaces\n"
                    "edns-packet-max=4096\nlisten-address=" +
                        std::string(kServer) + "," + kServer6 + "\n" + lines);
  auto server = start_on_server({"dnsmasq", "--keep-in-foreground", "-C", config});
  wait_port(true, "udp", 53);
  return server;
}

std::unique_ptr<Child> TwoHosts::start_stub(const std::string& address) const {
  const std::string config = folder_.write(
      "stub.conf", "no-resolv\nno-hosts\nuser=root\npid-file=\nbind-interfaces\nlisten-address=" +
                       address + "\nserver=" + kServer + "\n");
  auto stub = start_on_client({"dnsmasq", "--keep-in-foreground", "-C", config});
  wait_port(false, "udp", 53);
  return stub;
}

std::unique_ptr<Child> TwoHosts::start_tls(std::uint16_t port) const {
  auto server = start_on_server({"openssl", "s_server", "-quiet", "-www", "-cert", certificate(),
                                 "-key", key(), "-accept", std::to_string(port)});
  wait_port(true, "tcp", port);
  return server;
}

}  // namespace tocsin::test
