// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <future>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "base/fd.hpp"

namespace tocsin::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Times action(i) for i in 0..count; what wait(i) takes before it does not count.
template <typename Action, typename Wait>
Timings timed(std::size_t count, Action&& action, Wait&& wait) {
  Timings t;
  t.ns.reserve(count);
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    wait(i);
    const auto start = Clock::now();
    action(i);
    t.ns.push_back(static_cast<std::uint64_t>((Clock::now() - start).count()));
  }
  t.wall_s = std::chrono::duration<double>(Clock::now() - begin).count();
  return t;
}

template <typename Action>
Timings timed(std::size_t count, Action&& action) {
  return timed(count, std::forward<Action>(action), [](std::size_t) {});
}

}  // namespace

double Timings::quantile_us(double p) const {
  if (ns.empty()) return 0;
  std::vector<std::uint64_t> sorted = ns;
  const auto at = static_cast<std::ptrdiff_t>(p * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
  return static_cast<double>(sorted[static_cast<std::size_t>(at)]) / 1000.0;
}

void Timings::append(const Timings& other) {
  ns.insert(ns.end(), other.ns.begin(), other.ns.end());
  wall_s = std::max(wall_s, other.wall_s);
}

Pinned::Pinned(int cpu) : before_(sizeof(cpu_set_t)) {
  if (cpu == kAnyCpu) return;
  ::sched_getaffinity(0, before_.size(), reinterpret_cast<cpu_set_t*>(before_.data()));
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(cpu), &one);
  if (::sched_setaffinity(0, sizeof one, &one) != 0) throw std::runtime_error("pinning");
  active_ = true;
}

Pinned::~Pinned() {
  if (active_)
    ::sched_setaffinity(0, before_.size(), reinterpret_cast<const cpu_set_t*>(before_.data()));
}

void run_once(const char* path, const std::function<void()>& after_exec) {
  char* const argv[] = {const_cast<char*>(path), nullptr};
  const pid_t child = ::vfork();
  if (child == 0) {
    ::execve(path, argv, environ);
    ::_exit(127);
  }
  if (child < 0) throw std::runtime_error("vfork");
  if (after_exec) after_exec();
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error(std::string("running ") + path);
}

Timings exec_loop(const std::string& path, std::size_t count, int cpu) {
  const Pinned pinned(cpu);
  return timed(count, [&](std::size_t) { run_once(path.c_str()); });
}

Timings exec_all_processors(const std::string& path, std::size_t count) {
  const int processors = static_cast<int>(std::thread::hardware_concurrency());
  const std::size_t each = count / static_cast<std::size_t>(processors);
  std::vector<std::future<Timings>> loops;
  for (int cpu = 0; cpu < processors; ++cpu)
    loops.push_back(
        std::async(std::launch::async, [&, cpu] { return exec_loop(path, each, cpu); }));
  Timings all;
  for (auto& loop : loops) all.append(loop.get());
  return all;
}

Timings exec_each(const std::vector<std::string>& paths, int cpu) {
  const Pinned pinned(cpu);
  return timed(paths.size(), [&](std::size_t i) { run_once(paths[i].c_str()); });
}

Timings exec_and_unlink(const std::vector<std::string>& paths, int cpu) {
  const Pinned pinned(cpu);
  return timed(paths.size(), [&](std::size_t i) {
    const char* path = paths[i].c_str();
    run_once(path, [path] { ::unlink(path); });
  });
}

Timings exec_paced(const std::function<std::string(std::size_t)>& path, std::size_t count,
                   double per_second) {
  const auto period = std::chrono::nanoseconds(std::llround(1e9 / per_second));
  auto next = Clock::now();
  const auto wait = [&](std::size_t) {
    std::this_thread::sleep_until(next);
    next += period;
  };
  return timed(
      count, [&](std::size_t i) { run_once(path(i).c_str()); }, wait);
}

Timings connect_loop(std::size_t count, int cpu) {
  const Pinned pinned(cpu);
  const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), generic, length) != 0 || ::listen(listener.get(), 128) != 0 ||
      ::getsockname(listener.get(), generic, &length) != 0)
    throw std::runtime_error("listening on loopback");
  return timed(count, [&](std::size_t) {
    const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const linger reset{.l_onoff = 1, .l_linger = 0};  // no TIME_WAIT: ports would run out
    ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (::connect(client.get(), generic, length) != 0) throw std::runtime_error("connect");
    const Fd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  });
}

std::vector<std::string> make_distinct(const std::filesystem::path& program,
                                       const std::filesystem::path& folder,
                                       const std::string& prefix, std::size_t count) {
  std::ifstream in(program, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  std::uint64_t run = 0;
  if (content.empty() || ::getrandom(&run, sizeof run, 0) != sizeof run)
    throw std::runtime_error("reading " + program.string());
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i) {
    paths.push_back(folder / (prefix + std::to_string(i)));
    std::ofstream out(paths.back(), std::ios::binary);
    out << content << "bench " << run << ' ' << i;  // the loader ignores bytes behind the end
    out.close();
    if (!out) throw std::runtime_error("writing " + paths.back());
    std::filesystem::permissions(paths.back(), std::filesystem::perms(0755));
  }
  return paths;
}

}  // namespace tocsin::bench
