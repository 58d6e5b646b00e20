// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <thread>

#include "base/fd.hpp"

namespace tocsin::test {

// Who waits at the far end for a shell that connects: listens at an IPv4 address and port inside a
// network namespace, types commands into the first connection and keeps what comes back.
class OperatorSession {
 public:
  struct Options {
    std::string net_ns_path, address;
    std::uint16_t port = 0;
    std::string commands;  // one a line
  };
  explicit OperatorSession(Options options);
  ~OperatorSession();  // hangs up
  OperatorSession(const OperatorSession&) = delete;
  OperatorSession& operator=(const OperatorSession&) = delete;

  // What was said until the shell ended; waits for it.
  std::string transcript();

 private:
  void serve(const Options& options);

  Fd listener_;
  std::string said_;
  std::thread thread_;
};

}  // namespace tocsin::test
