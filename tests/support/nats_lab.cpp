// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/nats_lab.hpp"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>

#include <filesystem>
#include <stdexcept>
#include <thread>

#include "base/fd.hpp"

namespace tocsin::test {
namespace {

namespace fs = std::filesystem;

const std::string kUnpacked =
    std::string(TOCSIN_SOURCE_DIR) + "/build/test-programs/nats-server/usr/sbin/nats-server";
const std::string kFleet = std::string(TOCSIN_BIN_DIR) + "/tocsin-fleet";

std::string program() {
  return fs::exists(kUnpacked) ? kUnpacked : "/usr/sbin/nats-server";
}

sockaddr_in loopback(int port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

// Free now, and each other than those taken before: all are held until the last is found.
std::vector<int> free_ports(std::size_t count) {
  std::vector<Fd> held;
  std::vector<int> ports;
  for (std::size_t i = 0; i < count; ++i) {
    held.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto at = loopback(0);
    socklen_t size = sizeof at;
    auto* any = reinterpret_cast<sockaddr*>(&at);
    if (::bind(held.back().get(), any, size) != 0 ||
        ::getsockname(held.back().get(), any, &size) != 0)
      throw std::runtime_error("no free port");
    ports.push_back(ntohs(at.sin_port));
  }
  return ports;
}

bool listens(int port) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto at = loopback(port);
  return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
}

// Each must be there: what is shipped and what is tested do not drift apart.
void replace(std::string& text, const std::string& what, const std::string& by) {
  auto at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("the shipped configuration lacks " + what);
  for (; at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

std::string NatsLab::refusal() {
  if (!fs::exists(program())) return "nats-server is not there";
  if (!fs::exists(kFleet)) return "tocsin-fleet was not built: libnats-dev is missing";
  return {};
}

NatsLab::NatsLab(const std::vector<std::string>& hosts, int servers) {
  const auto count = static_cast<std::size_t>(servers);
  const auto ports = free_ports(2 * count);
  ports_.assign(ports.begin(), ports.begin() + servers);
  cluster_ports_.assign(ports.begin() + servers, ports.end());
  for (const int port : ports_) urls_.push_back("127.0.0.1:" + std::to_string(port));
  std::vector<std::string> arguments = {kFleet,   "enroll",   "--out",
                                        folder(), "--broker", "127.0.0.1"};
  arguments.insert(arguments.end(), hosts.begin(), hosts.end());
  const auto done = run_program(arguments, Millis(120'000));
  if (done.exit_code != 0) throw std::runtime_error("enroll: " + done.err);
  servers_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    write_configuration(i);
    start(i);
  }
  wait_cluster();
}

NatsLab::~NatsLab() = default;

void NatsLab::write_configuration(std::size_t server) {
  const auto folder = dir_ / ("server-" + std::to_string(server));
  fs::create_directories(folder);
  for (const auto& file : fs::directory_iterator(dir_ / "fleet/servers/127.0.0.1"))
    fs::copy(file, folder, fs::copy_options::overwrite_existing);
  fs::copy_file(dir_ / "fleet/hosts.conf", folder / "hosts.conf",
                fs::copy_options::overwrite_existing);
  const bool one = servers_.size() == 1;
  auto text = read_text(std::string(TOCSIN_SOURCE_DIR) + "/packaging/fleet/" +
                        (one ? "one-broker.conf" : "three-brokers.conf"));
  replace(text, "\"nats/tocsin/hosts.conf\"", "\"hosts.conf\"");  // from where the file lies
  replace(text, "/etc/nats/tocsin", folder.string());
  replace(text, "/var/lib/nats/tocsin", (folder / "store").string());
  replace(text, "\"broker-1\"", "\"broker-" + std::to_string(server + 1) + "\"");
  replace(text, "0.0.0.0:4222", urls_[server]);
  if (!one) {
    replace(text, "0.0.0.0:6222", "127.0.0.1:" + std::to_string(cluster_ports_[server]));
    for (std::size_t i = 0; i < servers_.size(); ++i)
      replace(text, "broker-" + std::to_string(i + 1) + ".example.org:6222",
              "127.0.0.1:" + std::to_string(cluster_ports_[i]));
  }
  write_file(folder / "nats.conf", text);
}

void NatsLab::start(std::size_t server) {
  const auto folder = dir_ / ("server-" + std::to_string(server));
  servers_[server] = std::make_unique<Child>(
      ChildOptions{.argv = {program(), "-c", folder / "nats.conf", "-l", folder / "log"}});
  for (int i = 0; i < 1'000 && !listens(ports_[server]); ++i) {
    if (!servers_[server]->running())
      throw std::runtime_error("nats-server: " + server_log(server));
    std::this_thread::sleep_for(Millis(10));
  }
}

void NatsLab::kill(std::size_t server) {
  servers_[server]->signal(SIGKILL);
  servers_[server]->wait(Millis(5'000));
}

void NatsLab::restart_as(std::size_t server, const std::string& certificate,
                         const std::string& key) {
  kill(server);
  const auto folder = dir_ / ("server-" + std::to_string(server));
  write_file(folder / "server.pem", certificate);
  write_file(folder / "server.key", key);
  start(server);
}

void NatsLab::wait_cluster(Millis limit) {
  if (servers_.size() == 1) return;
  const auto until = std::chrono::steady_clock::now() + patient(limit);
  while (std::chrono::steady_clock::now() < until) {
    for (std::size_t i = 0; i < servers_.size(); ++i)
      if (server_log(i).find("JetStream cluster new metadata leader") != std::string::npos) return;
    std::this_thread::sleep_for(Millis(50));
  }
  throw std::runtime_error("no JetStream leader: " + server_log(0));
}

std::string NatsLab::server_log(std::size_t server) const {
  return read_text(dir_ / ("server-" + std::to_string(server)) / "log");
}

Finished NatsLab::fleet(std::vector<std::string> arguments, Millis limit) {
  std::vector<std::string> argv = {kFleet};
  for (const auto& url : urls_) {
    if (argv.size() == 1) argv.insert(argv.end(), {"-o", "fleet.servers=["});
    argv.back() += (argv.back().ends_with("[") ? "\"" : ",\"") + url + "\"";
  }
  argv.back() += "]";
  argv.insert(argv.end(), {"--credentials", operator_folder()});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_program(argv, limit);
}

void NatsLab::init() {
  const auto done = fleet({"init", "--replicas", std::to_string(servers_.size())});
  if (done.exit_code != 0) throw std::runtime_error("init: " + done.err);
}

void NatsLab::enroll(const std::vector<std::string>& hosts) {
  std::vector<std::string> argv = {kFleet, "enroll", "--out", folder()};
  argv.insert(argv.end(), hosts.begin(), hosts.end());
  const auto done = run_program(argv, Millis(120'000));
  if (done.exit_code != 0) throw std::runtime_error("enroll: " + done.err);
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    fs::copy_file(dir_ / "fleet/hosts.conf", dir_ / ("server-" + std::to_string(i)) / "hosts.conf",
                  fs::copy_options::overwrite_existing);
    servers_[i]->signal(SIGHUP);
  }
}

int NatsLab::leader_of(const std::string& stream) const {
  const std::string said = "new stream leader for 'CENTRE > " + stream + "'";
  int leader = -1;
  std::string latest;  // "2026/11/30 13:23:05.123456"
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const auto log = server_log(i);
    const auto at = log.rfind(said);
    if (at == std::string::npos) continue;
    const auto line = log.rfind('\n', at) + 1;  // npos + 1: the first line
    const auto time = log.substr(log.find("] ", line) + 2, 26);
    if (time > latest) latest = time, leader = static_cast<int>(i);
  }
  return leader;
}

std::string NatsLab::cluster_url(std::size_t server) const {
  return "127.0.0.1:" + std::to_string(cluster_ports_.at(server));
}

std::vector<std::string> NatsLab::host_settings(const std::string& host) const {
  std::string servers = "fleet.servers=[";
  for (const auto& url : urls_) servers += (servers.ends_with("[") ? "\"" : ",\"") + url + "\"";
  return {servers + "]", "fleet.certificate=" + host_folder(host) + "/host.pem",
          "fleet.key=" + host_folder(host) + "/host.key",
          "fleet.ca=" + host_folder(host) + "/ca.pem"};
}

}  // namespace tocsin::test
