// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

// A real sshd on a loopback port, with keys, configuration, PAM rules and users of its own in a
// mount namespace of its own: the host's are neither used nor touched. Root lets in root by key.
class SshLab {
 public:
  // Why there can be none here; empty: there can.
  static std::string refusal();

  SshLab();
  SshLab(const SshLab&) = delete;
  SshLab& operator=(const SshLab&) = delete;

  // Logs in as this user and runs a command line; terminal: with one of its own.
  Finished run(const std::string& user, const std::string& command, bool terminal = false);
  // "PORT" of the client whose login sshd accepted last, as it says itself; empty: none yet.
  [[nodiscard]] std::string last_client_port() const;
  [[nodiscard]] std::string log() const { return server_->err(); }
  [[nodiscard]] const std::string& port() const { return port_; }

 private:
  TempDir dir_;
  std::string port_;
  std::unique_ptr<Child> server_;
};

}  // namespace tocsin::test
