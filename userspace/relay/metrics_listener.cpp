// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/metrics_listener.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "base/ip_address.hpp"
#include "base/limits.hpp"
#include "base/metrics_writer.hpp"

namespace tocsin::relay {
namespace {

constexpr unsigned kSilentSecondsMax = 10;
constexpr std::size_t kConnectionBytesMax = 16 * 1024;
constexpr BootNs kPageLifeNs = 1'000'000'000;

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

std::optional<SocketAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const auto address = IpAddress::parse(host);
  if (!address || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  SocketAddress out{};
  if (address->is_v4()) {
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(port);
    std::memcpy(&out.v4.sin_addr, address->bytes().data(), 4);
  } else {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(port);
    std::memcpy(&out.v6.sin6_addr, address->bytes().data(), 16);
  }
  return out;
}

}  // namespace

// The library's shapes, so that its header stays in here.
struct MetricsCallbacks {
  static MHD_Result access(void* self, MHD_Connection* connection, const char* url,
                           const char* method, const char* /*version*/, const char* /*data*/,
                           std::size_t* data_bytes, void** request) {
    static int begun;
    if (*request == nullptr) {  // the headers are there; a body, if any, is not wanted
      *request = &begun;
      return MHD_YES;
    }
    if (std::exchange(*data_bytes, 0) != 0) return MHD_YES;
    const auto queued =
        MetricsListener::answer(*static_cast<MetricsListener*>(self), connection, url, method);
    return queued == MHD_YES ? MHD_YES : MHD_NO;
  }
};

Result<std::unique_ptr<MetricsListener>> MetricsListener::start(EventLoop& loop, const Clock& clock,
                                                                const std::string& listen,
                                                                Page page) {
  std::unique_ptr<MetricsListener> out(new MetricsListener(clock, std::move(page)));
  TOCSIN_TRY_VOID(out->open(loop, listen));
  return out;
}

Result<void> MetricsListener::open(EventLoop& loop, const std::string& listen) {
  const auto address = parse_listen(listen);
  if (!address)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("relay.metrics_listen: \"{}\" is no address and port, as in "
                            "127.0.0.1:9774 or [::1]:9774",
                            listen));
  unsigned flags = MHD_USE_EPOLL;
  if (address->any.sa_family == AF_INET6) flags |= MHD_USE_IPv6;
  errno = 0;
  daemon_ = MHD_start_daemon(
      flags, 0, nullptr, nullptr, &MetricsCallbacks::access, this, MHD_OPTION_SOCK_ADDR,
      &address->any, MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(limits::kMetricsClientsMax),
      MHD_OPTION_CONNECTION_TIMEOUT, kSilentSecondsMax, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      kConnectionBytesMax, MHD_OPTION_END);
  if (daemon_ == nullptr) return fail_errno(fmt::format("listening on {}", listen), errno);
  return watch(loop);
}

Result<std::unique_ptr<MetricsListener>> MetricsListener::start(EventLoop& loop, const Clock& clock,
                                                                Fd listening, Page page) {
  std::unique_ptr<MetricsListener> out(new MetricsListener(clock, std::move(page)));
  // The library's own from here on, which closes it in the end.
  out->daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL, 0, nullptr, nullptr, &MetricsCallbacks::access, out.get(),
      MHD_OPTION_LISTEN_SOCKET, listening.release(), MHD_OPTION_CONNECTION_LIMIT,
      static_cast<unsigned>(limits::kMetricsClientsMax), MHD_OPTION_CONNECTION_TIMEOUT,
      kSilentSecondsMax, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytesMax, MHD_OPTION_END);
  if (out->daemon_ == nullptr)
    return fail(ErrorCode::kInternal, "the metrics socket of the service manager is of no use");
  TOCSIN_TRY_VOID(out->watch(loop));
  return out;
}

Result<std::optional<Fd>> MetricsListener::inherited() {
  const int count = sd_listen_fds(/*unset_environment=*/1);
  if (count < 0) return fail_errno("asking for the service manager's sockets", -count);
  if (count == 0) return std::nullopt;
  Fd socket(SD_LISTEN_FDS_START);
  if (count > 1 || sd_is_socket(socket.get(), AF_UNSPEC, SOCK_STREAM, /*listening=*/1) <= 0)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} descriptors came from the service manager instead of one listening "
                            "stream socket for metrics: give tocsin-metrics.socket one "
                            "ListenStream=",
                            count));
  return socket;
}

Result<void> MetricsListener::watch(EventLoop& loop) {
  const auto* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  if (info == nullptr) return fail(ErrorCode::kInternal, "libmicrohttpd has no epoll descriptor");
  TOCSIN_TRY(source_,
             loop.watch_fd(info->epoll_fd, EPOLLIN, [this](std::uint32_t) { MHD_run(daemon_); }));
  return {};
}

MetricsListener::~MetricsListener() {
  source_ = {};
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

void MetricsListener::tick() {
  MHD_run(daemon_);
}

std::uint16_t MetricsListener::port() const {
  const auto* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT);
  return info == nullptr ? 0 : info->port;
}

const std::string& MetricsListener::page() {
  const auto now = clock_.boot_ns();
  if (made_.empty() || now - made_at_ >= kPageLifeNs) {
    made_ = page_();
    made_at_ = now;
  }
  return made_;
}

int MetricsListener::answer(MetricsListener& self, MHD_Connection* connection,
                            const std::string& url, const std::string& method) {
  unsigned status = MHD_HTTP_OK;
  std::string_view body;
  if (method != "GET" && method != "HEAD") {
    status = MHD_HTTP_METHOD_NOT_ALLOWED;
    body = "only GET\n";
  } else if (url != "/metrics") {
    status = MHD_HTTP_NOT_FOUND;
    body = "the metrics are at /metrics\n";
  } else {
    body = self.page();
  }
  auto* response = MHD_create_response_from_buffer(body.size(), const_cast<char*>(body.data()),
                                                   MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  const std::string type(status == MHD_HTTP_OK ? kMetricsContentType : "text/plain");
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type.c_str());
  const auto queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace tocsin::relay
