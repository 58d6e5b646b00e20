// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/capture_watch.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "event/decode.hpp"

extern char** environ;

namespace tocsin::test {
namespace {

constexpr int kExitNotPrepared = 126;
constexpr int kExitNotExecuted = 127;

template <typename T>
T or_throw(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

Launched wait_for_end(pid_t pid) {
  if (pid < 0) throw std::runtime_error("fork failed");
  Launched done{.pid = pid, .status = -1};
  if (::waitpid(pid, &done.status, 0) != pid) throw std::runtime_error("waitpid failed");
  return done;
}

}  // namespace

CaptureWatch::CaptureWatch(BpfSource::Options options)
    : source_(or_throw(BpfSource::open(options))), loop_(or_throw(EventLoop::create())) {
  PacedConsumer::Callbacks callbacks;
  callbacks.on_event = [this](std::span<const std::byte> bytes) {
    if (auto event = decode(bytes, 0))
      events_.push_back(std::move(*event));
    else
      ++undecodable_;
  };
  consumer_ = or_throw(PacedConsumer::start({loop_, *source_, clock_}, {}, std::move(callbacks)));
}

void CaptureWatch::read_for(Millis time) {
  const auto end = std::chrono::steady_clock::now() + patient(time);
  while (std::chrono::steady_clock::now() < end)
    if (auto r = loop_.run_once(1'000); !r) throw std::runtime_error(r.error().message);
}

Launched launch(const Launch& what) {
  std::vector<char*> argv;
  for (const std::string& arg : what.argv) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return wait_for_end(pid);
  if (what.prepare && !what.prepare()) ::_exit(kExitNotPrepared);
  if (what.fd >= 0)
    ::fexecve(what.fd, argv.data(), environ);
  else
    ::execve(what.path.c_str(), argv.data(), environ);
  ::_exit(kExitNotExecuted);
}

Launched run_forked(const std::function<int()>& code) {
  const pid_t pid = ::fork();
  if (pid != 0) return wait_for_end(pid);
  ::_exit(code());
}

}  // namespace tocsin::test
