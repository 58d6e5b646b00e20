// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

// One real nats-server or three on loopback, with the shipped configuration and the certificates
// that "tocsin fleet enroll" makes. Only ports, names and folders differ from what is shipped.
// Killed with all its files when destroyed. Failures of the machinery throw.
class NatsLab {
 public:
  // Empty: there is a nats-server (unpacked by ./check, or installed) and a tocsin-fleet to try.
  static std::string refusal();

  // hosts: who is enrolled; servers: 1 or 3. Started when it returns; streams are not made yet.
  explicit NatsLab(const std::vector<std::string>& hosts, int servers = 1);
  ~NatsLab();

  void start(std::size_t server);  // and wait until it takes connections
  void kill(std::size_t server);   // SIGKILL
  // The server returns with this certificate and key (PEM) towards clients.
  void restart_as(std::size_t server, const std::string& certificate, const std::string& key);
  void wait_cluster(Millis limit = Millis(30'000));  // all that run: JetStream has a leader
  // "tocsin-fleet ARGUMENTS…" as the operator of this lab.
  Finished fleet(std::vector<std::string> arguments, Millis limit = Millis(60'000));
  void init();  // makes the streams, with as many copies as servers
  // More hosts, told to the running servers.
  void enroll(const std::vector<std::string>& hosts);
  // The server that became this stream's leader last, by the servers' logs; -1: none ever.
  [[nodiscard]] int leader_of(const std::string& stream) const;

  [[nodiscard]] const std::vector<std::string>& urls() const { return urls_; }
  [[nodiscard]] std::string cluster_url(std::size_t server) const;
  [[nodiscard]] std::string folder() const { return dir_.file("fleet"); }
  [[nodiscard]] std::string operator_folder() const { return folder() + "/operator"; }
  [[nodiscard]] std::string host_folder(const std::string& host) const {
    return folder() + "/hosts/" + host;
  }
  [[nodiscard]] std::string server_log(std::size_t server) const;
  [[nodiscard]] pid_t server_pid(std::size_t server) const { return servers_.at(server)->pid(); }
  // section.key=value of an agent's configuration that reaches this lab as this host.
  [[nodiscard]] std::vector<std::string> host_settings(const std::string& host) const;

 private:
  void write_configuration(std::size_t server);

  TempDir dir_;
  std::vector<std::string> urls_;
  std::vector<int> ports_, cluster_ports_;
  std::vector<std::unique_ptr<Child>> servers_;
};

}  // namespace tocsin::test
