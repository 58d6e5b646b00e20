// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/resolver_monitor.hpp"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/limits.hpp"
#include "base/namespaces.hpp"
#include "names/monitor_message.hpp"

namespace tocsin {
namespace {

constexpr std::uint64_t kRetryUs = 10'000'000;

std::uint32_t net_ns_of_peer(int socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  std::uint32_t net_ns = 0;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.pid > 0)
    net_ns = namespace_of(static_cast<std::uint32_t>(peer.pid), "net");
  return net_ns != 0 ? net_ns : own_namespace("net");
}

}  // namespace

Result<std::unique_ptr<ResolverMonitor>> ResolverMonitor::start(Options options, Sink sink) {
  if (options.socket.size() >= sizeof(sockaddr_un::sun_path))
    return fail(ErrorCode::kInvalidInput, "the resolver monitor's socket path is too long");
  std::unique_ptr<ResolverMonitor> self(new ResolverMonitor(options, std::move(sink)));
  TOCSIN_TRY(self->retry_, options.loop.add_timer(UINT64_MAX, [p = self.get()] { p->connect(); }));
  self->connect();
  return self;
}

void ResolverMonitor::connect() {
  socket_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, options_.socket.data(), options_.socket.size());
  // A local socket connects at once or not at all.
  if (!socket_ ||
      ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return lose(errno == ENOENT ? "absent" : std::generic_category().message(errno));
  const auto call = monitor_subscription();
  if (send(socket_.get(), call.data(), call.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(call.size()))
    return lose(std::generic_category().message(errno));
  auto watched =
      options_.loop.watch_fd(socket_.get(), EPOLLIN, [this](std::uint32_t) { read_some(); });
  if (!watched) return lose(watched.error().message);
  ready_ = std::move(*watched);
  net_ns_ = net_ns_of_peer(socket_.get());
  state_ = "connected";
}

void ResolverMonitor::lose(std::string why) {
  if (state_ == "connected") {
    ++counters_.reconnects;
    spdlog::warn("systemd-resolved's monitor: {}", why);
  }
  state_ = std::move(why);
  ready_ = {};  // before its descriptor closes
  socket_.reset();
  buffer_.clear();
  retry_.rearm_us(kRetryUs);
}

void ResolverMonitor::read_some() {
  std::array<char, 16 * 1024> chunk;
  const auto n = read(socket_.get(), chunk.data(), chunk.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return lose(std::generic_category().message(errno));
  if (n == 0) return lose("closed by resolved");
  buffer_.append(chunk.data(), static_cast<std::size_t>(n));
  take_messages();
  if (buffer_.size() > limits::kMonitorMessageBytesMax) {
    ++counters_.malformed;
    lose("a message longer than any should be");
  }
}

void ResolverMonitor::take_messages() {
  std::size_t begin = 0;
  for (auto end = buffer_.find('\0'); end != std::string::npos; end = buffer_.find('\0', begin)) {
    auto event = read_monitor_reply(std::string_view(buffer_).substr(begin, end - begin),
                                    options_.clock.wall_ns());
    begin = end + 1;
    if (!event) {
      if (++counters_.malformed == 1)
        spdlog::warn("systemd-resolved's monitor: {}", event.error().message);
    } else if (*event) {
      ++counters_.lookups;
      (*event)->net_ns = net_ns_;
      sink_(std::move(**event));
    }
  }
  buffer_.erase(0, begin);
}

}  // namespace tocsin
