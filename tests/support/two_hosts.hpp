// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/temp_dir.hpp"

// Two hosts of a network that exists only here, with real servers on one of them.
namespace tocsin::test {

// A client and a server in network namespaces of their own, joined by a cable of 1,500 bytes a
// packet. The client's resolv.conf names the server. Everything goes when the object does.
class TwoHosts {
 public:
  static constexpr const char* kClient = "198.51.100.1";
  static constexpr const char* kServer = "198.51.100.2";
  static constexpr const char* kClient6 = "2001:db8:100::1";
  static constexpr const char* kServer6 = "2001:db8:100::2";

  // Why this machine cannot have them; empty: it can.
  static std::string refusal();

  TwoHosts();
  ~TwoHosts();
  TwoHosts(const TwoHosts&) = delete;
  TwoHosts& operator=(const TwoHosts&) = delete;

  // Runs a program there to its end. It is the child itself, so its pid is that of the result.
  struct Ran {
    pid_t pid = -1;
    Finished end;
  };
  Ran on_client(std::vector<std::string> argv, Millis limit = Millis(20'000)) const;
  // Starts a program that stays.
  std::unique_ptr<Child> start_on_client(std::vector<std::string> argv) const;
  std::unique_ptr<Child> start_on_server(std::vector<std::string> argv) const;
  // Inode number of the client's network namespace, as events carry it.
  [[nodiscard]] std::uint32_t client_net_ns() const;
  // What the client's resolv.conf says from now on.
  void resolve_by(const std::string& address) const;
  // Of the namespace, below /run/netns.
  [[nodiscard]] const std::string& client_name() const { return client_; }

  // A DNS server on the server host (or, for a stub, on the client), ready when this returns. lines
  // is what its configuration says beyond where to listen.
  std::unique_ptr<Child> start_dns(const std::string& lines) const;
  std::unique_ptr<Child> start_stub(const std::string& address) const;
  // A TLS server with a certificate of its own, ready when this returns.
  std::unique_ptr<Child> start_tls(std::uint16_t port) const;
  // Certificate and key in PEM, made for this network.
  [[nodiscard]] std::string certificate() const { return folder_.file("cert.pem"); }
  [[nodiscard]] std::string key() const { return folder_.file("key.pem"); }
  [[nodiscard]] const TempDir& folder() const { return folder_; }
  // Waits until somebody there listens at the port.
  void wait_port(bool server, const std::string& kind, std::uint16_t port) const;

 private:
  TempDir folder_;
  std::string client_, server_;
};

}  // namespace tocsin::test
