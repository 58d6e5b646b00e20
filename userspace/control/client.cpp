// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <thread>
#include <utility>

#include "base/limits.hpp"
#include "control/socket_address.hpp"

namespace tocsin::control {
namespace {

using SteadyClock = std::chrono::steady_clock;

// sendmsg with the descriptor riding on the first byte; plain send without one.
ssize_t send_part(int socket_fd, std::string_view bytes, int descriptor) {
  if (descriptor < 0) return send(socket_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  std::string copy(bytes);  // iovec wants it writable
  iovec vector{copy.data(), copy.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(c), &descriptor, sizeof descriptor);
  return sendmsg(socket_fd, &message, MSG_NOSIGNAL);
}

}  // namespace

Client::Client(Fd socket_fd)
    : socket_(std::move(socket_fd)), reader_(limits::kControlBacklogBytesMax) {}

Result<Client> Client::connect(const std::string& path, Milliseconds timeout) {
  const Deadline deadline = SteadyClock::now() + timeout;
  TOCSIN_TRY(const auto address, socket_address(path));
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("making a socket", errno);
  while (::connect(fd.get(), address.get(), address.length) != 0) {
    // EAGAIN: the daemon's queue of new clients is full; there is nothing to poll for.
    if ((errno == EAGAIN || errno == EINTR) && SteadyClock::now() < *deadline) {
      std::this_thread::sleep_for(Milliseconds(10));
      continue;
    }
    if (errno == EACCES || errno == EPERM)
      return fail(ErrorCode::kPermission, fmt::format("{}: this user may not connect", path));
    if (errno == EAGAIN)
      return fail(ErrorCode::kIo, fmt::format("{}: the daemon does not take new clients", path));
    return fail(ErrorCode::kNotFound, fmt::format("{}: {}", path, std::strerror(errno)));
  }
  Client client(std::move(fd));
  if (auto greeted = client.read_greeting(deadline); !greeted)
    return std::unexpected(std::move(greeted).error().with_context(path));
  return client;
}

Result<void> Client::read_greeting(Deadline deadline) {
  TOCSIN_TRY(auto reply, read_reply(deadline));
  if (reply.kind == Reply::Kind::kError) return std::unexpected(std::move(reply.error));
  if (reply.kind != Reply::Kind::kHello)
    return fail(ErrorCode::kInvalidInput, "what answers there is not a tocsin daemon");
  if (reply.protocol != kProtocolVersion)
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("the daemon ({}) speaks protocol {}, this program {}: restart the daemon "
                    "after an upgrade",
                    reply.version, reply.protocol, kProtocolVersion));
  may_change_ = reply.may_change;
  server_version_ = std::move(reply.version);
  return {};
}

std::unexpected<Error> Client::closed_by_daemon() {
  lost_connection_ = true;
  return fail(ErrorCode::kIo,
              "the daemon closed the connection; see its log (journalctl -u tocsind)");
}

Result<void> Client::wait(short poll_events, Deadline deadline) {
  pollfd p{socket_.get(), poll_events, 0};
  for (;;) {
    int wait_ms = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<Milliseconds>(*deadline - SteadyClock::now()).count();
      wait_ms =
          static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
    }
    const int n = poll(&p, 1, wait_ms);
    if (n > 0) return {};
    if (n == 0) {
      lost_connection_ = true;
      return fail(ErrorCode::kIo,
                  "no answer from the daemon in time; is it stopped or overloaded?");
    }
    // A signal is the caller's business: it set what it looks at between two calls.
    if (errno != EINTR || !deadline) return fail_errno("waiting for the daemon", errno);
  }
}

Result<std::optional<Reply>> Client::reply_now() {
  for (;;) {
    TOCSIN_TRY(auto payload, reader_.next());
    if (payload) {
      lost_connection_ = false;
      TOCSIN_TRY(auto reply, parse_reply(*payload));
      return reply;
    }
    std::array<char, 64 * 1024> bytes;
    const ssize_t n = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n > 0) {
      reader_.feed({bytes.data(), static_cast<std::size_t>(n)});
    } else if (n == 0 || errno == ECONNRESET) {
      return closed_by_daemon();
    } else if (errno == EAGAIN) {
      return std::nullopt;
    } else if (errno != EINTR) {
      return fail_errno("reading from the daemon", errno);
    }
  }
}

Result<Reply> Client::read_reply(Deadline deadline) {
  for (;;) {
    TOCSIN_TRY(auto reply, reply_now());
    if (reply) return std::move(*reply);
    TOCSIN_TRY_VOID(wait(POLLIN, deadline));
  }
}

Result<void> Client::send_all(std::string_view bytes, int descriptor, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t n = send_part(socket_.get(), bytes, descriptor);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      descriptor = -1;
    } else if (errno == EAGAIN) {
      TOCSIN_TRY_VOID(wait(POLLOUT, deadline));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};  // its last words, if any, are still to be read
    } else if (errno != EINTR) {
      return fail_errno("writing to the daemon", errno);
    }
  }
  return {};
}

Result<void> Client::request(const std::string& command, const nlohmann::json& arguments,
                             int descriptor) {
  std::string bytes;
  append_frame(bytes, request_payload({++last_id_, command, arguments}));
  if (bytes.size() > limits::kControlRequestBytesMax + kFrameHeaderBytes)
    return fail(ErrorCode::kLimit, fmt::format("the request is longer than {} bytes",
                                               limits::kControlRequestBytesMax));
  return send_all(bytes, descriptor, SteadyClock::now() + kAnswerTimeout);
}

Result<std::optional<Client::Now>> Client::understood(Reply reply) const {
  // An error without an id is about the connection; other ids belong to requests given up.
  if (reply.id && *reply.id != last_id_) return std::nullopt;
  switch (reply.kind) {
    case Reply::Kind::kItem:
      return Now{Came::kItem, {std::move(reply.item), 0}};
    case Reply::Kind::kLost:
      return Now{Came::kItem, {{}, reply.lost}};
    case Reply::Kind::kDone:
      return Now{Came::kEnd, {}};
    case Reply::Kind::kError:
      return std::unexpected(std::move(reply.error));
    case Reply::Kind::kHello:
      break;
  }
  return std::nullopt;
}

Result<std::optional<Client::Item>> Client::next(std::optional<Milliseconds> timeout) {
  const Deadline deadline = timeout ? Deadline(SteadyClock::now() + *timeout) : std::nullopt;
  for (;;) {
    TOCSIN_TRY(auto reply, read_reply(deadline));
    TOCSIN_TRY(auto now, understood(std::move(reply)));
    if (!now) continue;
    if (now->came == Came::kEnd) return std::nullopt;
    return std::move(now->item);
  }
}

Result<Client::Now> Client::next_now() {
  for (;;) {
    TOCSIN_TRY(auto reply, reply_now());
    if (!reply) return Now{};
    TOCSIN_TRY(auto now, understood(std::move(*reply)));
    if (now) return std::move(*now);
  }
}

Result<nlohmann::json> Client::ask(const std::string& command, const nlohmann::json& arguments,
                                   Milliseconds timeout) {
  TOCSIN_TRY_VOID(request(command, arguments));
  TOCSIN_TRY(const auto item, next(timeout));
  if (!item) return fail(ErrorCode::kInvalidInput, "the daemon's answer is empty");
  TOCSIN_TRY(const auto end, next());
  if (end) return fail(ErrorCode::kInvalidInput, "the daemon's answer has more than one item");
  auto value = nlohmann::json::parse(item->json, nullptr, false);
  if (value.is_discarded())
    return fail(ErrorCode::kInvalidInput, "the daemon's answer is not JSON");
  return value;
}

void Client::end_requests() {
  shutdown(socket_.get(), SHUT_WR);
}

}  // namespace tocsin::control
