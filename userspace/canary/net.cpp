// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "canary/net.hpp"

#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace tocsin::canary {
namespace {

constexpr std::size_t kDnsHeaderBytes = 12;
constexpr std::uint8_t kTypeA = 1, kClassIn = 1;

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

sockaddr_in address_of(const CanaryEndpoint& endpoint) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(endpoint.port);
  out.sin_addr.s_addr = htonl(endpoint.address);
  return out;
}

Fd open_socket(int type) {
  return Fd(socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

Fd listen_at(const CanaryEndpoint& endpoint, int type) {
  Fd out = open_socket(type);
  if (!out) return out;
  const int on = 1;
  setsockopt(out.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto address = address_of(endpoint);
  if (bind(out.get(), generic(address), sizeof address) != 0 ||
      (type == SOCK_STREAM && listen(out.get(), 1) != 0)) {
    const int error = errno;
    out.reset();
    errno = error;
  }
  return out;
}

bool connect_to(const Fd& socket, const CanaryEndpoint& endpoint) {
  const auto address = address_of(endpoint);
  if (connect(socket.get(), generic(address), sizeof address) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd wait{socket.get(), POLLOUT, 0};
  int error = ETIMEDOUT;
  socklen_t size = sizeof error;
  if (poll(&wait, 1, kWaitMs) == 1) getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  errno = error;
  return error == 0;
}

bool wait_readable(const Fd& socket) {
  pollfd wait{socket.get(), POLLIN, 0};
  const int ready = poll(&wait, 1, kWaitMs);
  if (ready == 0) errno = ETIMEDOUT;
  return ready == 1;
}

std::size_t write_question(std::string_view nonce, std::span<std::uint8_t> out) {
  std::size_t size = 0;
  const auto byte = [&](std::size_t value) {
    if (size < out.size()) out[size++] = static_cast<std::uint8_t>(value);
  };
  const auto labels = [&](std::string_view name) {
    while (!name.empty()) {
      const auto label = name.substr(0, name.find('.'));
      byte(label.size());
      for (const char c : label) byte(static_cast<unsigned char>(c));
      name.remove_prefix(label.size() < name.size() ? label.size() + 1 : name.size());
    }
  };
  for (const int value : {0x7c, 0x53, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0})  // id, RD, one question
    byte(static_cast<std::size_t>(value));
  labels(nonce);
  labels("dns");
  labels(kCanaryDomain);
  for (const int value : {0, 0, int{kTypeA}, 0, int{kClassIn}})
    byte(static_cast<std::size_t>(value));
  return size;
}

std::size_t answer_question(std::span<std::uint8_t> message, std::size_t question_size,
                            std::uint32_t address) {
  // Owner: a pointer to the question's name; an A record for one second.
  const std::uint8_t record[] = {0xc0,
                                 kDnsHeaderBytes,
                                 0,
                                 kTypeA,
                                 0,
                                 kClassIn,
                                 0,
                                 0,
                                 0,
                                 1,
                                 0,
                                 4,
                                 static_cast<std::uint8_t>(address >> 24),
                                 static_cast<std::uint8_t>(address >> 16),
                                 static_cast<std::uint8_t>(address >> 8),
                                 static_cast<std::uint8_t>(address)};
  if (question_size < kDnsHeaderBytes || message.size() < question_size + sizeof record) return 0;
  message[2] = 0x85;  // response, authoritative, RD
  message[3] = 0x80;  // RA, no error
  message[7] = 1;     // one answer
  std::memcpy(message.data() + question_size, record, sizeof record);
  return question_size + sizeof record;
}

const char* enter_own_network() {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return "unshare";
  const Fd control = open_socket(SOCK_DGRAM);
  ifreq loopback{};
  std::memcpy(loopback.ifr_name, "lo", 3);
  loopback.ifr_flags = IFF_UP;
  if (!control || ioctl(control.get(), SIOCSIFFLAGS, &loopback) != 0) return "bringing up lo";
  return nullptr;
}

}  // namespace tocsin::canary
