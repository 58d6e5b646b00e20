// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the packet hooks cost a program: turns and small messages on one TCP connection with and
// without all programs attached, as ratios inside one round, rounds in the order A B, B A. Loopback
// and a veth pair, in network namespaces of its own. Root only.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/event_loop.hpp"
#include "capture/bpf_source.hpp"

namespace tocsin {
namespace {

constexpr std::uint16_t kPort = 9;
constexpr std::size_t kMessage = 64;  // bytes: bulk transfers hide what a packet costs

[[noreturn]] void give_up(const char* doing) {
  std::perror(doing);
  std::exit(2);
}

void shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "failed: %s\n", command.c_str());
    std::exit(2);
  }
}

sockaddr_in address_of(const char* text) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(kPort);
  inet_pton(AF_INET, text, &a.sin_addr);
  return a;
}

void at_once(int s) {
  const int one = 1;
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

// Serves one connection after the other: 't' as its first byte asks for each message back, anything
// else for one byte at the end of count messages.
[[noreturn]] void serve(const char* address, std::size_t count) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in a = address_of(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&a), sizeof a) != 0 || listen(listener, 8) != 0)
    give_up("listening");
  for (;;) {
    const int s = accept(listener, nullptr, nullptr);
    char mode = 0, buffer[kMessage];
    at_once(s);
    if (recv(s, &mode, 1, 0) == 1) {
      for (std::size_t i = 0; i < count; ++i) {
        if (recv(s, buffer, kMessage, MSG_WAITALL) != kMessage) break;
        if (mode == 't' && send(s, buffer, kMessage, MSG_NOSIGNAL) != kMessage) break;
      }
      (void)send(s, buffer, 1, MSG_NOSIGNAL);
    }
    close(s);
  }
}

// Seconds for count messages.
double run(const char* address, char mode, std::size_t count) {
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in a = address_of(address);
  if (connect(s, reinterpret_cast<sockaddr*>(&a), sizeof a) != 0) give_up("connecting");
  at_once(s);
  char buffer[kMessage] = {};
  (void)send(s, &mode, 1, 0);
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    if (send(s, buffer, kMessage, 0) != kMessage) give_up("sending");
    if (mode == 't' && recv(s, buffer, kMessage, MSG_WAITALL) != kMessage) give_up("receiving");
  }
  if (recv(s, buffer, 1, 0) != 1) give_up("receiving");
  const auto end = std::chrono::steady_clock::now();
  close(s);
  return std::chrono::duration<double>(end - begin).count();
}

double with_programs(const char* address, char mode, std::size_t count) {
  auto source = BpfSource::open({});
  if (!source) {
    std::fprintf(stderr, "%s\n", source.error().message.c_str());
    std::exit(2);
  }
  return run(address, mode, count);
}

// Rate with the programs / rate without them.
void compare(const char* name, const char* address, char mode, std::pair<std::size_t, int> load) {
  const auto [count, rounds] = load;
  std::vector<double> ratios, without;
  run(address, mode, count);
  for (int i = 0; i < rounds; ++i) {
    double a = 0, b = 0;
    if (i % 2 == 0) a = run(address, mode, count), b = with_programs(address, mode, count);
    if (i % 2 == 1) b = with_programs(address, mode, count), a = run(address, mode, count);
    ratios.push_back(a / b);
    without.push_back(static_cast<double>(count) / a);
  }
  std::sort(ratios.begin(), ratios.end());
  std::sort(without.begin(), without.end());
  std::printf("%-24s %8.0f/s without; rate with / without %.3f (%.3f to %.3f)\n", name,
              without[without.size() / 2], ratios[ratios.size() / 2], ratios.front(),
              ratios.back());
  std::fflush(stdout);
}

}  // namespace
}  // namespace tocsin

int main(int argc, char** argv) {
  using namespace tocsin;
  CLI::App app("Small TCP messages with and without the programs. Root only.");
  std::size_t count = 200'000;
  int rounds = 9;
  app.add_option("--messages", count, "messages of 64 bytes in each run");
  app.add_option("--rounds", rounds, "pairs of runs")->check(CLI::Range(1, 1'000));
  CLI11_PARSE(app, argc, argv);
  if (unshare(CLONE_NEWNET) != 0) give_up("a network namespace");
  shell("ip link set lo up");
  const pid_t near = fork();
  if (near == 0) serve("127.0.0.1", count);
  const pid_t far = fork();
  if (far == 0) {
    if (unshare(CLONE_NEWNET) != 0) give_up("a network namespace");
    shell("ip link add far type veth peer name near netns " + std::to_string(getppid()));
    shell("ip addr add 198.51.100.2/24 dev far && ip link set far up");
    serve("198.51.100.2", count);
  }
  shell("until ip link show near >/dev/null 2>&1; do sleep 0.05; done; sleep 0.3");
  shell("ip addr add 198.51.100.1/24 dev near && ip link set near up; sleep 0.3");
  compare("turns, loopback", "127.0.0.1", 't', {count, rounds});
  compare("turns, veth", "198.51.100.2", 't', {count, rounds});
  compare("one way, loopback", "127.0.0.1", 'o', {count, rounds});
  compare("one way, veth", "198.51.100.2", 'o', {count, rounds});
  for (const pid_t server : {near, far}) {
    kill(server, SIGKILL);
    waitpid(server, nullptr, 0);
  }
}
