// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Does harmless things that the daemon must see, tells when, and ends. See docs/self-proof.md.
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/fd.hpp"
#include "canary/action.hpp"
#include "canary/net.hpp"
#include "canary/uring.hpp"

namespace {

using namespace tocsin;
using namespace tocsin::canary;

constexpr unsigned kLifetimeS = 2;
constexpr int kUsage = 2;
constexpr std::size_t kPayloadBytesMax = 2048;
constexpr std::size_t kDnsMessageBytes = 512;

// ---- The report

void write_line(const char* line, int size) {
  if (size > 0 && write(kCanaryReportFd, line, static_cast<std::size_t>(size)) < 0) _exit(1);
}

void did(CanaryAction action) {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  char line[80];
  write_line(line, snprintf(line, sizeof line, "did %s %lld%09ld\n", to_string(action).data(),
                            static_cast<long long>(now.tv_sec), now.tv_nsec));
}

void cannot(CanaryAction action, const char* doing, int error) {
  char line[160];
  write_line(line, snprintf(line, sizeof line, "cannot %s %s: %.80s\n", to_string(action).data(),
                            doing, strerror(error)));
}

// ---- The actions

void map_library(const char* marker) {
  constexpr auto kAction = CanaryAction::kLibrary;
  const Fd from(open(marker, O_RDONLY | O_CLOEXEC));
  // A file that nobody mapped before: the kernel side tells each file once.
  const Fd file(memfd_create("tocsin-canary", MFD_CLOEXEC));
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  if (!from || !file || sendfile(file.get(), from.get(), nullptr, page) <= 0)
    return cannot(kAction, "making a file", errno);
  did(kAction);
  if (mmap(nullptr, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, file.get(), 0) == MAP_FAILED)
    cannot(kAction, "mmap", errno);
}

void connect_by_tcp() {
  constexpr auto kAction = CanaryAction::kTcp;
  const Fd listener = listen_at(kCanaryTcp, SOCK_STREAM);
  if (!listener) return cannot(kAction, "listening", errno);
  const Fd socket = open_socket(SOCK_STREAM);
  did(kAction);
  if (!connect_to(socket, kCanaryTcp)) cannot(kAction, "connect", errno);
}

bool send_to(const Fd& socket, const CanaryEndpoint& to, std::span<const std::uint8_t> bytes) {
  const auto address = address_of(to);
  return sendto(socket.get(), bytes.data(), bytes.size(), 0,
                reinterpret_cast<const sockaddr*>(&address), sizeof address) > 0;
}

void send_datagram(CanaryAction action, const CanaryEndpoint& to,
                   std::span<const std::uint8_t> bytes) {
  const Fd listener = listen_at(to, SOCK_DGRAM);
  if (!listener) return cannot(action, "listening", errno);
  const Fd socket = open_socket(SOCK_DGRAM);
  did(action);
  if (!send_to(socket, to, bytes)) cannot(action, "sendto", errno);
}

void connect_by_uring() {
  constexpr auto kAction = CanaryAction::kIoUring;
  const Fd listener = listen_at(kCanaryIoUring, SOCK_STREAM);
  if (!listener) return cannot(kAction, "listening", errno);
  Uring ring;
  if (const char* failed = ring.open()) return cannot(kAction, failed, errno);
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto to = address_of(kCanaryIoUring);
  did(kAction);
  const int error = ring.connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (error != 0) cannot(kAction, "connect by io_uring", error < 0 ? errno : error);
}

void say_tls_hello(std::span<const std::uint8_t> hello) {
  constexpr auto kAction = CanaryAction::kTls;
  const Fd listener = listen_at(kCanaryTls, SOCK_STREAM);
  if (!listener) return cannot(kAction, "listening", errno);
  const Fd socket = open_socket(SOCK_STREAM);
  if (!connect_to(socket, kCanaryTls)) return cannot(kAction, "connect", errno);
  did(kAction);
  if (send(socket.get(), hello.data(), hello.size(), MSG_NOSIGNAL) < 0)
    cannot(kAction, "send", errno);
}

// Answers the question that waits on server, and takes the answer as the asking program does.
bool answer(const Fd& server, const Fd& client) {
  std::array<std::uint8_t, kDnsMessageBytes> message;
  sockaddr_in from{};
  socklen_t length = sizeof from;
  if (!wait_readable(server)) return false;
  const ssize_t asked = recvfrom(server.get(), message.data(), message.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &length);
  if (asked < 0) return false;
  const auto size =
      answer_question(message, static_cast<std::size_t>(asked), kCanaryAnswered.address);
  return sendto(server.get(), message.data(), size, 0, reinterpret_cast<const sockaddr*>(&from),
                length) > 0 &&
         wait_readable(client) && recv(client.get(), message.data(), message.size(), 0) > 0;
}

// server: at port 53, if there was a right to take it.
void ask_for_a_name(std::string_view nonce, Fd server) {
  constexpr auto kQuestion = CanaryAction::kDnsQuestion;
  constexpr auto kAnswer = CanaryAction::kDnsAnswer;
  const char* refused = server ? nullptr : enter_own_network();
  const int refused_error = errno;
  if (!server) server = listen_at(kCanaryDns, SOCK_DGRAM);
  const int server_error = errno;
  // The question would reach whoever serves names here, and be passed on.
  if (!server) {
    const char* what = refused != nullptr ? refused : "port 53";
    const int why = refused != nullptr ? refused_error : server_error;
    cannot(kAnswer, what, why);
    return cannot(kQuestion, what, why);
  }
  const Fd client = open_socket(SOCK_DGRAM);
  std::array<std::uint8_t, kDnsMessageBytes> message;
  const auto size = write_question(nonce, message);
  if (!connect_to(client, kCanaryDns)) {
    cannot(kAnswer, "connect", errno);
    return cannot(kQuestion, "connect", errno);
  }
  did(kQuestion);
  if (send(client.get(), message.data(), size, MSG_NOSIGNAL) < 0)
    return cannot(kQuestion, "send", errno);
  if (!answer(server, client)) return cannot(kAnswer, "answering", errno);
  const Fd listener = listen_at(kCanaryAnswered, SOCK_STREAM);
  if (!listener) return cannot(kAnswer, "listening", errno);
  const Fd socket = open_socket(SOCK_STREAM);
  did(kAnswer);
  if (!connect_to(socket, kCanaryAnswered)) cannot(kAnswer, "connect", errno);
}

// Only returns when it fails.
void execute(const char* marker) {
  char* arguments[] = {const_cast<char*>(marker), nullptr};
  char path[] = "PATH=/usr/bin:/bin";
  char* environment[] = {path, nullptr};
  did(CanaryAction::kExec);
  execve(marker, arguments, environment);
  cannot(CanaryAction::kExec, "execve", errno);
}

// ---- The frame

// Ends with whoever started it, ends by itself, and keeps no right that it was started with.
void confine() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  alarm(kLifetimeS);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2]{};
  if (syscall(SYS_capset, &header, none) != 0) {
    fputs("tocsin-canary: its rights cannot be given up\n", stderr);
    _exit(kUsage);
  }
  fcntl(kCanaryReportFd, F_SETFD, FD_CLOEXEC);
}

bool read_all(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t n = read(STDIN_FILENO, out.data(), out.size());
    if (n <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

// The next payload of descriptor 0; empty when there is none.
std::span<const std::uint8_t> read_payload(std::array<std::uint8_t, kPayloadBytesMax>& buffer) {
  std::uint8_t head[2];
  if (!read_all(head)) return {};
  const std::size_t size = head[0] | static_cast<std::size_t>(head[1]) << 8;
  const std::span<std::uint8_t> payload(buffer.data(), size <= buffer.size() ? size : 0);
  return read_all(payload) ? payload : std::span<std::uint8_t>();
}

// What it was given, or could take before it gave up its rights.
struct Means {
  std::span<const std::uint8_t> hello, datagram;
  const char* nonce;
  const char* marker;
  Fd name_server;
};

void act(CanaryAction action, Means& means) {
  static constexpr std::uint8_t kGreeting[] = {'t', 'o', 'c', 's', 'i', 'n'};
  switch (action) {
    case CanaryAction::kLibrary:
      return map_library(means.marker);
    case CanaryAction::kTcp:
      return connect_by_tcp();
    case CanaryAction::kUdp:
      return send_datagram(action, kCanaryUdp, kGreeting);
    case CanaryAction::kIoUring:
      return connect_by_uring();
    case CanaryAction::kTls:
      return say_tls_hello(means.hello);
    case CanaryAction::kQuic:
      return send_datagram(action, kCanaryQuic, means.datagram);
    case CanaryAction::kDnsQuestion:
      return ask_for_a_name(means.nonce, std::move(means.name_server));
    case CanaryAction::kDnsAnswer:  // with the question
      return;
    case CanaryAction::kExec:
      return execute(means.marker);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || strlen(argv[1]) != kCanaryNonceBytes) {
    fputs("tocsin-canary is started by tocsind to prove that it sees: tocsin selftest\n", stderr);
    return kUsage;
  }
  std::array<bool, kCanaryActions> wanted{};
  for (int i = 3; i < argc; ++i)
    for (std::size_t a = 0; a < kCanaryActions; ++a)
      if (argv[i] == kCanaryActionNames[a]) wanted[a] = true;
  // Only where the unit gives the right, in a network of its own: elsewhere the port is somebody's.
  Fd name_server;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_BIND_SERVICE, 0, 0) == 1)
    name_server = listen_at(kCanaryDns, SOCK_DGRAM);
  confine();
  static std::array<std::uint8_t, kPayloadBytesMax> hello_bytes, datagram_bytes;
  Means means{.hello = read_payload(hello_bytes),
              .datagram = read_payload(datagram_bytes),
              .nonce = argv[1],
              .marker = argv[2],
              .name_server = std::move(name_server)};
  for (std::size_t a = 0; a < kCanaryActions; ++a)
    if (wanted[a]) act(canary_action(a), means);
  return 0;
}
