// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/server_version.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <tuple>

#include <nlohmann/json.hpp>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {
namespace {

using std::chrono::steady_clock;

struct Place {
  std::string host, port = "4222";
};

Place place_of(std::string server) {
  if (const auto scheme = server.find("://"); scheme != std::string::npos)
    server.erase(0, scheme + 3);
  if (const auto user = server.rfind('@'); user != std::string::npos) server.erase(0, user + 1);
  Place place;
  const auto colon = server.rfind(':');
  const auto bracket = server.rfind(']');
  const bool port = colon != std::string::npos &&
                    (bracket == std::string::npos ? server.find(':') == colon : colon > bracket);
  if (port) place.port = server.substr(colon + 1);
  place.host = server.substr(0, port ? colon : server.size());
  if (place.host.starts_with('[') && place.host.ends_with(']'))
    place.host = place.host.substr(1, place.host.size() - 2);
  return place;
}

bool ready(int fd, short events, steady_clock::time_point until) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now()).count();
  pollfd wait{fd, events, 0};
  return left > 0 && poll(&wait, 1, static_cast<int>(left)) == 1;
}

Result<Fd> reach(const Place& place, steady_clock::time_point until) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  if (const int e = getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &raw); e != 0)
    return fail(ErrorCode::kNotFound, fmt::format("{}: {}", place.host, gai_strerror(e)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(raw, freeaddrinfo);
  for (const addrinfo* at = raw; at != nullptr; at = at->ai_next) {
    Fd fd(socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) continue;
    if (connect(fd.get(), at->ai_addr, at->ai_addrlen) == 0) return fd;
    int error = 0;
    socklen_t size = sizeof error;
    if (errno == EINPROGRESS && ready(fd.get(), POLLOUT, until) &&
        getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
      return fd;
  }
  return fail(ErrorCode::kNotFound, fmt::format("{}:{} does not answer", place.host, place.port));
}

// "2.10.27-beta.1" → 2, 10, 27; absent parts are 0.
std::tuple<int, int, int> numbers_of(std::string_view version) {
  std::array<int, 3> n{};
  const char* at = version.data();
  const char* end = at + version.size();
  if (at != end && *at == 'v') ++at;
  for (int& part : n) {
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc()) break;
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  return {n[0], n[1], n[2]};
}

}  // namespace

Result<std::string> ask_server_version(const std::string& server,
                                       std::chrono::milliseconds timeout) {
  const auto until = steady_clock::now() + timeout;
  const auto place = place_of(server);
  TOCSIN_TRY(const auto fd, reach(place, until));
  std::string line;
  std::array<char, 4096> buffer{};
  while (line.find("\r\n") == std::string::npos && line.size() < limits::kFleetInfoBytesMax) {
    if (!ready(fd.get(), POLLIN, until)) break;
    const auto got = recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    line.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const auto end = line.find("\r\n");
  if (end == std::string::npos || !line.starts_with("INFO "))
    return fail(ErrorCode::kIo, fmt::format("{} does not say which version it is", server));
  const auto info = nlohmann::json::parse(
      line.begin() + 5, line.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
  const auto version = info.is_object() ? info.find("version") : info.end();
  if (!info.is_object() || version == info.end() || !version->is_string())
    return fail(ErrorCode::kIo, fmt::format("{} does not say which version it is", server));
  return printable(version->get<std::string>(), 64);
}

std::optional<std::string> holes_of(std::string_view version) {
  const auto v = numbers_of(version);
  std::string holes;
  if (v < std::tuple(2, 9, 23)) holes = "CVE-2023-47090, ";
  if (v < std::tuple(2, 10, 27) || v == std::tuple(2, 11, 0)) holes += "CVE-2025-30215";
  if (holes.empty()) return std::nullopt;
  return fmt::format("nats-server {} has known holes ({}): use 2.10.27, 2.11.1 or later",
                     printable(version, 64), holes);
}

}  // namespace tocsin::fleet
