// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the kernel programs cost: nanoseconds per exec, connect and datagram by the kernel's own BPF
// statistics (its clock reads included, about 55 ns a run), events lost, and the reader's CPU.
// Root only. Each load runs in a child pinned to one CPU; the reader is this process.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/event_loop.hpp"
#include "capture/bpf_source.hpp"
#include "capture/pacing.hpp"

namespace tocsin {
namespace {

// The smallest program that can be executed: an ELF header, one segment, exit(0).
std::vector<unsigned char> tiny_elf() {
#if defined(__x86_64__)
  const std::vector<unsigned char> code = {0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};
  const unsigned char machine = 62;
#elif defined(__aarch64__)
  const std::vector<unsigned char> code = {0x00, 0x00, 0x80, 0xd2, 0xa8, 0x0b,
                                           0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4};
  const unsigned char machine = 183;
#endif
  constexpr std::uint64_t kBase = 0x400000;
  constexpr std::uint64_t kHeaders = 64 + 56;
  std::vector<unsigned char> elf;
  const auto put = [&](std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) elf.push_back(static_cast<unsigned char>(value >> (8 * i)));
  };
  for (const int b : {0x7f, int{'E'}, int{'L'}, int{'F'}, 2, 1, 1})
    put(static_cast<unsigned>(b), 1);
  elf.resize(16);
  put(2, 2), put(machine, 2), put(1, 4);            // executable
  put(kBase + kHeaders, 8), put(64, 8), put(0, 8);  // entry, program headers, no sections
  put(0, 4), put(64, 2), put(56, 2), put(1, 2), put(64, 2), put(0, 2), put(0, 2);
  put(1, 4), put(5, 4), put(0, 8), put(kBase, 8), put(kBase, 8);  // load, read and execute
  put(kHeaders + code.size(), 8), put(kHeaders + code.size(), 8), put(4096, 8);
  elf.insert(elf.end(), code.begin(), code.end());
  return elf;
}

void exec_load(int count, const char* program, int pause_us = 0) {
  char* const argv[] = {const_cast<char*>(program), nullptr};
  char* const envp[] = {nullptr};
  for (int i = 0; i < count; ++i) {
    pid_t pid = 0;
    int status = 0;
    if (posix_spawn(&pid, program, nullptr, nullptr, argv, envp) != 0) _exit(1);
    if (waitpid(pid, &status, 0) != pid || status != 0) _exit(1);
    if (pause_us > 0) usleep(static_cast<unsigned>(pause_us));
  }
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

void connect_load(int count) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, generic, length) || listen(listener, 64) ||
      getsockname(listener, generic, &length))
    _exit(1);
  for (int i = 0; i < count; ++i) {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(client, generic, length)) _exit(1);
    const int server = accept(listener, nullptr, nullptr);
    // The server closes first, so that TIME_WAIT does not eat the client's ports.
    const linger at_once{1, 0};
    setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(server);
    close(client);
  }
}

void datagram_load(int count) {
  const sockaddr_in address = loopback(9);
  for (int i = 0; i < count; ++i) {
    const int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)sendto(s, "x", 1, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    close(s);
  }
}

// A network namespace of its own, so that port 53 is free.
void own_network() {
  if (unshare(CLONE_NEWNET) != 0) _exit(1);
  const int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq lo{};
  std::snprintf(lo.ifr_name, sizeof lo.ifr_name, "lo");
  lo.ifr_flags = IFF_UP;
  if (ioctl(s, SIOCSIFFLAGS, &lo) != 0) _exit(1);
  close(s);
}

// A question for www.example.com and its answer, each from a fresh, connected socket, as libc's
// resolver makes it.
void dns_load(int count) {
  own_network();
  constexpr char kQuestion[] =
      "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07"
      "example\x03"
      "com\x00\x00\x01\x00\x01";
  constexpr char kAnswer[] =
      "\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x03www\x07"
      "example\x03"
      "com\x00\x00\x01\x00\x01\xc0\x0c\x00\x01\x00\x01\x00\x00\x0e\x10\x00\x04\xc0\x00\x02\x0a";
  sockaddr_in address = loopback(53);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const int server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (bind(server, generic, sizeof address) != 0) _exit(1);
  for (int i = 0; i < count; ++i) {
    const int client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char buffer[512];
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    auto* from = reinterpret_cast<sockaddr*>(&peer);
    if (connect(client, generic, sizeof address) != 0 ||
        send(client, kQuestion, sizeof kQuestion - 1, 0) < 0 ||
        recvfrom(server, buffer, sizeof buffer, 0, from, &length) < 0 ||
        sendto(server, kAnswer, sizeof kAnswer - 1, 0, from, length) < 0 ||
        recv(client, buffer, sizeof buffer, 0) != sizeof kAnswer - 1)
      _exit(1);
    close(client);
  }
}

// Turns of 64 bytes on one TCP connection: packets that carry no name.
void turn_load(int count) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, generic, length) || listen(listener, 1) ||
      getsockname(listener, generic, &length) || connect(client, generic, length))
    _exit(1);
  const int server = accept(listener, nullptr, nullptr);
  char buffer[64] = {};
  for (int i = 0; i < count; ++i)
    for (const auto& [from, to] : {std::pair(client, server), {server, client}})
      if (send(from, buffer, sizeof buffer, 0) != sizeof buffer ||
          recv(to, buffer, sizeof buffer, MSG_WAITALL) != sizeof buffer)
        _exit(1);
}

// As many denied networks as a large feed brings, none of which the loads contact.
void fill_tables(KernelResponse& response) {
  constexpr std::uint32_t kNetworks = 100'000;
  for (std::uint32_t i = 0; i < kNetworks; ++i) {
    const std::uint32_t address = 0x0b000000 + i * 7919;  // 11.0.0.0 and up
    const std::array<std::uint8_t, 4> bytes = {
        static_cast<std::uint8_t>(address >> 24), static_cast<std::uint8_t>(address >> 16),
        static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address)};
    if (!response.deny({IpAddress::v4(bytes), 32}, {})) std::fprintf(stderr, "no room\n");
  }
  for (const char* name : {"bad-name.example", "listed.test"})
    if (!response.deny_name(name, {})) std::fprintf(stderr, "no room\n");
}

struct Figures {
  double seconds = 0;
  double reader_cpu_s = 0;
  std::array<std::uint64_t, TW_KIND_COUNT> delivered{};
  std::vector<BootNs> delays;  // hook to reader, of the kind asked for
  CaptureCounters before, after;
};

double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

class Bench {
 public:
  Bench(BpfSource& source, EventLoop& loop) : source_(source), loop_(loop) {}

  template <typename Load>
  Figures run(int cpu, tw_kind kind, Load load) {
    Figures f;
    PacedConsumer::Callbacks callbacks;
    callbacks.on_event = [&f, kind, this](std::span<const std::byte> bytes) {
      tw_header h{};
      if (bytes.size() < sizeof h) return;
      std::memcpy(&h, bytes.data(), sizeof h);
      if (h.kind < TW_KIND_COUNT) ++f.delivered[h.kind];
      if (h.kind == kind) f.delays.push_back(clock_.boot_ns() - h.boot_ns);
    };
    auto consumer = PacedConsumer::start({loop_, source_, clock_}, {}, std::move(callbacks));
    if (!consumer) std::abort();
    settle(**consumer);
    f.delivered.fill(0);
    f.delays.clear();
    f.before = source_.counters();
    const double cpu_before = cpu_seconds();
    const BootNs start = clock_.boot_ns();
    const pid_t child = fork();
    if (child == 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(static_cast<std::size_t>(cpu), &set);
      sched_setaffinity(0, sizeof set, &set);
      load();
      _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) (void)loop_.run_once(5'000);
    f.seconds = static_cast<double>(clock_.boot_ns() - start) * 1e-9;
    settle(**consumer);
    f.reader_cpu_s = cpu_seconds() - cpu_before;
    f.after = source_.counters();
    if (status != 0) std::fprintf(stderr, "the load failed\n");
    return f;
  }

 private:
  // Until a look finds nothing and the loop has come to rest.
  void settle(PacedConsumer& consumer) {
    for (int i = 0; i < 5; ++i) (void)loop_.run_once(3'000);
    while (consumer.look_now() > 0) {
    }
  }

  BpfSource& source_;
  EventLoop& loop_;
  SystemClock clock_;
};

// Mean run of every program and, given how often one action runs it, what the action costs.
double report_programs(const Figures& f, double actions) {
  double total = 0;
  for (std::size_t i = 0; i < f.after.programs.size(); ++i) {
    const auto& a = f.after.programs[i];
    const auto& b = f.before.programs[i];
    const auto runs = static_cast<double>(a.runs - b.runs);
    if (runs < actions / 2) continue;  // somebody else's
    const double mean = static_cast<double>(a.run_ns - b.run_ns) / runs;
    const double per_action = static_cast<double>(static_cast<int>(runs / actions + 0.5));
    std::printf("    %-12s %8.0f runs  %7.0f ns each  %4.0f per action  missed %llu\n",
                a.name.c_str(), runs, mean, per_action,
                static_cast<unsigned long long>(a.recursion_misses - b.recursion_misses));
    total += mean * per_action;
  }
  return total;
}

void report(const char* what, Figures f, int actions, tw_kind kind) {
  std::printf("%s: %d in %.2f s (%.0f/s)\n", what, actions, f.seconds, actions / f.seconds);
  const double ns = report_programs(f, actions);
  std::uint64_t lost = 0;
  double events = 0;
  for (std::size_t k = 0; k < TW_KIND_COUNT; ++k) {
    lost += f.after.by_kind[k].lost - f.before.by_kind[k].lost;
    events += static_cast<double>(f.delivered[k]);
  }
  std::printf("    BPF time per action   %7.0f ns\n", ns);
  std::printf("    events of its kind    %llu delivered, %llu lost\n",
              static_cast<unsigned long long>(f.delivered[kind]),
              static_cast<unsigned long long>(lost));
  std::sort(f.delays.begin(), f.delays.end());
  if (!f.delays.empty())
    std::printf("    hook to reader        p50 %.2f ms, p99 %.2f ms\n",
                static_cast<double>(f.delays[f.delays.size() / 2]) * 1e-6,
                static_cast<double>(f.delays[f.delays.size() * 99 / 100]) * 1e-6);
  std::printf("    reader CPU            %7.4f s per 1,000 actions, %.4f s per 1,000 events\n",
              f.reader_cpu_s * 1000 / actions, f.reader_cpu_s * 1000 / events);
}

}  // namespace
}  // namespace tocsin

int main(int argc, char** argv) {
  using namespace tocsin;
  CLI::App app("Cost of the kernel programs, by the kernel's own statistics. Root only.");
  int execs = 4'000, connects = 20'000, datagrams = 20'000, cpu = 0;
  int questions = 20'000, turns = 50'000;
  bool statistics = true, deny = false;
  BpfSource::Options options;
  app.add_option("--execs", execs, "executions of the smallest program");
  app.add_option("--connects", connects, "TCP connections on loopback");
  app.add_option("--datagrams", datagrams, "UDP sends, each from a fresh socket");
  app.add_option("--questions", questions, "DNS questions and answers on loopback");
  app.add_option("--turns", turns, "TCP turns of 64 bytes on loopback");
  app.add_option("--cpu", cpu, "CPU that the load is pinned to");
  app.add_flag("!--no-statistics", statistics, "without the kernel's clock reads, for rates");
  app.add_flag("--exec-twice", options.exec_twice, "with two copies of the exec program");
  app.add_flag("--deny", deny, "with the response's code compiled in, and a table of networks");
  app.add_option("--refuse", options.refused, "hooks, programs or events to do without");
  CLI11_PARSE(app, argc, argv);
  options.response = {.network = deny, .files = deny, .content = deny};

  Fd counting;
  if (statistics) {
    auto fd = BpfSource::count_run_time();
    if (!fd) return std::fprintf(stderr, "%s\n", fd.error().message.c_str()), 1;
    counting = std::move(*fd);
  }
  const SystemClock clock;
  const BootNs start = clock.boot_ns();
  auto source = BpfSource::open(options);
  const double open_ms = static_cast<double>(clock.boot_ns() - start) * 1e-6;
  auto loop = EventLoop::create();
  if (!source || !loop)
    return std::fprintf(stderr, "%s\n", (!source ? source.error() : loop.error()).message.c_str()),
           1;
  if (deny) fill_tables((*source)->response());
  for (const HookStatus& h : (*source)->hooks()) std::printf("%s\n", describe(h).c_str());
  std::printf("loaded and attached in %.0f ms\n", open_ms);

  std::string program = "/tmp/tocsin-bench-XXXXXX";
  const int fd = mkostemp(program.data(), O_CLOEXEC);
  const auto elf = tiny_elf();
  if (fd < 0 || write(fd, elf.data(), elf.size()) != static_cast<ssize_t>(elf.size()) ||
      fchmod(fd, 0755) != 0)
    return std::perror("writing the program"), 1;
  close(fd);

  Bench bench(**source, *loop);
  report("exec, storm", bench.run(cpu, TW_EXEC, [&] { exec_load(execs, program.c_str()); }), execs,
         TW_EXEC);
  for (const int rate : {1'000, 200}) {
    const int count = rate * 2;
    report(("exec, at most " + std::to_string(rate) + "/s").c_str(),
           bench.run(cpu, TW_EXEC, [&] { exec_load(count, program.c_str(), 1'000'000 / rate); }),
           count, TW_EXEC);
  }
  report("exec of a dynamically linked program",
         bench.run(cpu, TW_EXEC, [&] { exec_load(execs, "/bin/true"); }), execs, TW_EXEC);
  report("connect, storm", bench.run(cpu, TW_CONNECT, [&] { connect_load(connects); }), connects,
         TW_CONNECT);
  report("datagram, storm", bench.run(cpu, TW_CONNECT, [&] { datagram_load(datagrams); }),
         datagrams, TW_CONNECT);
  report("DNS question and answer", bench.run(cpu, TW_DNS_UDP, [&] { dns_load(questions); }),
         questions, TW_DNS_UDP);
  report("TCP turn of 64 bytes", bench.run(cpu, TW_TCP_START, [&] { turn_load(turns); }), turns,
         TW_TCP_START);
  unlink(program.c_str());
}
