// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/child.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

// A network of one machine in namespaces of its own (network and mount), with real servers: public
// addresses that nobody owns (RFC 5737, RFC 3849) stand on its loopback device, so no packet leaves
// it. It ends with its first process, whatever happens to the test.
class NetLab {
 public:
  // Where names are served from, and the resolver programs are told to ask.
  static constexpr const char* kDns = "203.0.113.253";
  static constexpr const char* kDns6 = "2001:db8::253";
  static constexpr const char* kStub = "127.0.0.53";

  // names: "name" → address, v4 or v6; everything below the name gets the same answer.
  using Names = std::vector<std::pair<std::string, std::string>>;
  explicit NetLab(const Names& names);
  // What a test needs and this machine lacks; empty: nothing.
  static std::string lacks();

  // Answers names at kDns and kDns6; other names do not exist.
  void start_dns();
  // A forwarder at kStub, as systemd-resolved and dnsmasq run one.
  Child& start_stub();
  // The real systemd-resolved, which asks kDns; returns the path of its run folder from outside,
  // or an empty path when ./check has not unpacked its package.
  std::string start_resolved();
  // TLS with a certificate of its own at every address, port 443.
  void start_tls();
  // Programs read this as /etc/resolv.conf.
  void resolve_by(const std::string& server);

  // argv inside the lab; the process is the program itself.
  [[nodiscard]] std::vector<std::string> inside(std::vector<std::string> argv) const;
  std::unique_ptr<Child> start(std::vector<std::string> argv) const;
  [[nodiscard]] std::string net_ns_path() const;
  [[nodiscard]] pid_t first_pid() const { return first_->pid(); }

 private:
  void wait_for_port(const std::string& proto, int port) const;
  void add_addresses(const Names& names) const;

  TempDir dir_;
  Names names_;
  std::unique_ptr<Child> first_;
  std::vector<std::unique_ptr<Child>> servers_;
};

}  // namespace tocsin::test
