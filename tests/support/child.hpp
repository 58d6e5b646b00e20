// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"

// Running other programs. Failures of the machinery itself throw std::runtime_error.
namespace tocsin::test {

using Millis = std::chrono::milliseconds;

// A time that a test is ready to wait, on this machine: TOCSIN_TEST_PATIENCE (a whole number, 1 to
// 100) times as long. Software emulation needs it.
Millis patient(Millis limit);

struct ChildOptions {
  std::vector<std::string> argv{};
  // Start with only these capabilities (numbers of capabilities(7)); absent: all there are.
  std::optional<std::vector<int>> capabilities{};
};

// One child process; its output is kept in memory. Killed and reaped when destroyed.
class Child {
 public:
  explicit Child(const ChildOptions& options);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();
  // What it wrote so far.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;
  void signal(int number) const;
  // Exit code, or 128 + signal; absent when it still runs after the limit (as patient() has it).
  std::optional<int> wait(Millis limit);

 private:
  Fd out_, err_, pidfd_;
  pid_t pid_ = -1;
  std::optional<int> exit_;
};

struct Finished {
  int exit_code = -1;  // 128 + signal when killed
  std::string out, err;
};

// Throws when it does not end within the limit.
Finished run_program(const std::vector<std::string>& argv, Millis limit = Millis(30'000));

}  // namespace tocsin::test
