// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace tocsin::test {
namespace {

constexpr int kLastCapability = 63;  // dropping an unknown one only fails

std::string whole(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) throw std::runtime_error("fstat of a child's output");
  std::string text(static_cast<std::size_t>(st.st_size), '\0');
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

// Runs between fork and exec: system calls only.
[[noreturn]] void become(const ChildOptions& options, int out, int err, char* const* argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDONLY);
  if (::dup2(null, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(126);
  if (options.capabilities) {
    const auto& keep = *options.capabilities;
    for (int c = 0; c <= kLastCapability; ++c)
      if (std::find(keep.begin(), keep.end(), c) == keep.end()) ::prctl(PR_CAPBSET_DROP, c);
  }
  ::execvp(argv[0], argv);
  ::_exit(127);
}

int patience() {
  const char* set = std::getenv("TOCSIN_TEST_PATIENCE");
  return set ? std::clamp(std::atoi(set), 1, 100) : 1;
}

}  // namespace

Millis patient(Millis limit) {
  static const int factor = patience();
  return limit * factor;
}

Child::Child(const ChildOptions& options)
    : out_(::memfd_create("out", MFD_CLOEXEC)), err_(::memfd_create("err", MFD_CLOEXEC)) {
  std::vector<char*> argv;
  for (const std::string& a : options.argv) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  if (!out_ || !err_) throw std::runtime_error("memfd_create");
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) become(options, out_.get(), err_.get(), argv.data());
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) throw std::runtime_error("pidfd_open");
}

Child::~Child() {
  if (exit_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool Child::running() {
  return !wait(Millis(0));
}
std::string Child::out() const {
  return whole(out_.get());
}
std::string Child::err() const {
  return whole(err_.get());
}
void Child::signal(int number) const {
  ::kill(pid_, number);
}

std::optional<int> Child::wait(Millis limit) {
  if (exit_) return exit_;
  pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, static_cast<int>(patient(limit).count())) != 1) return std::nullopt;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) throw std::runtime_error("waitpid");
  exit_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return exit_;
}

Finished run_program(const std::vector<std::string>& argv, Millis limit) {
  Child child({.argv = argv});
  const auto code = child.wait(limit);
  if (!code) throw std::runtime_error(argv.at(0) + " did not end in time");
  return {.exit_code = *code, .out = child.out(), .err = child.err()};
}

}  // namespace tocsin::test
