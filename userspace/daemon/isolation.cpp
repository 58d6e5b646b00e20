// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/isolation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "base/own_file.hpp"
#include "base/text.hpp"
#include "base/write_file.hpp"
#include "respond/respond_limits.hpp"
#include "respond/response_policy.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kKeptBytesMax = 128 * 1024;
constexpr mode_t kKeptMode = 0600;

// What the host calls itself: programs reach their own services by it.
std::set<IpAddress> own_addresses() {
  std::set<IpAddress> out;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return out;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  for (const auto* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    if (at->ifa_addr->sa_family == AF_INET) {
      const auto& ip = reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr;
      out.insert(IpAddress::v4(
          std::span<const std::uint8_t, 4>(reinterpret_cast<const std::uint8_t*>(&ip), 4)));
    } else if (at->ifa_addr->sa_family == AF_INET6) {
      const auto& ip = reinterpret_cast<const sockaddr_in6*>(at->ifa_addr)->sin6_addr;
      out.insert(IpAddress::v6(std::span<const std::uint8_t, 16>(ip.s6_addr, 16)));
    }
  }
  return out;
}

Result<std::vector<IpNetwork>> networks_of(const std::vector<std::string>& texts) {
  std::vector<IpNetwork> out;
  for (const auto& text : texts) {
    TOCSIN_TRY(auto network, parse_network(text));
    out.push_back(network);
  }
  return out;
}

std::vector<std::string> texts_of(const std::vector<IpNetwork>& networks) {
  std::vector<std::string> out;
  for (const auto& network : networks) out.push_back(network.to_string());
  return out;
}

}  // namespace

IsolationDesk::IsolationDesk(Parts parts) : parts_(std::move(parts)) {}

std::string IsolationDesk::whom() const {
  return current_ && !current_->request.cgroup.empty()
             ? fmt::format("control group {}", printable(current_->request.cgroup, 200))
             : "this host";
}

// cgroup: path below the root of cgroup2.
Result<KernelResponse::Isolation> IsolationDesk::scope_of(const std::string& cgroup) const {
  KernelResponse::Isolation out;
  if (cgroup.empty()) return out;
  if (parts_.cgroup_mount.empty())
    return fail(ErrorCode::kUnsupported, "no unified control group hierarchy is mounted");
  const auto path = std::filesystem::path("/" + cgroup).lexically_normal();
  for (const auto& part : path)
    if (!part.empty() && part != "/") ++out.level;
  struct stat st {};
  const auto folder = parts_.cgroup_mount + path.string();
  if (out.level == 0 || path.string().find("..") != std::string::npos ||
      stat(folder.c_str(), &st) != 0 || !S_ISDIR(st.st_mode))
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no control group {}", printable(cgroup, 200)));
  out.cgroup_id = st.st_ino;
  return out;
}

Result<IsolationDesk::Current> IsolationDesk::begin(const control::IsolateRequest& request,
                                                    WallNs until_ns) {
  Current current{request, {}, until_ns};
  TOCSIN_TRY(current.allow, networks_of(parts_.always));
  TOCSIN_TRY(auto asked, networks_of(request.allow));
  std::ranges::move(asked, std::back_inserter(current.allow));
  TOCSIN_TRY(auto scope, scope_of(request.cgroup));
  scope.until_ns =
      parts_.clock.boot_ns() + static_cast<std::uint64_t>(until_ns - parts_.clock.wall_ns());
  std::vector<KernelResponse::Network> allow;
  for (const auto& network : current.allow) allow.push_back({network.address, network.prefix});
  for (const auto& address : own_addresses())
    allow.push_back({address, IpNetwork::single(address).prefix});
  TOCSIN_TRY_VOID(parts_.kernel.isolate(scope, allow));
  return current;
}

Result<Json> IsolationDesk::isolate(const control::IsolateRequest& request) {
  if (request.for_ns <= 0 || request.for_ns > limits::kIsolationMostNs)
    return fail(ErrorCode::kInvalidInput, "an isolation lasts from 1 second to 30 days");
  TOCSIN_TRY(current_, begin(request, parts_.clock.wall_ns() + request.for_ns));
  std::error_code ignored;
  std::filesystem::remove(parts_.file, ignored);
  std::string note;
  if (request.keep)
    if (const auto kept = keep(*current_); !kept)
      note = fmt::format("not kept over a restart: {}", kept.error().message);
  parts_.tell(fmt::format("{} is isolated until {}; allowed: loopback{}{}", whom(),
                          format_time_utc(current_->until_ns), current_->allow.empty() ? "" : ", ",
                          fmt::join(texts_of(current_->allow), ", ")));
  auto out = status();
  if (!note.empty()) out["note"] = note;
  return out;
}

Result<void> IsolationDesk::keep(const Current& current) const {
  const Json kept = {{"until", current.until_ns},
                     {"allow", current.request.allow},
                     {"cgroup", current.request.cgroup}};
  return replace_file(parts_.file, kept.dump(), kKeptMode);
}

void IsolationDesk::resume() {
  const auto bytes = read_own_file(parts_.file, kKeptBytesMax);
  if (!bytes) {
    parts_.tell(
        fmt::format("the isolation that was kept: {}: the host is open", bytes.error().message));
    return;
  }
  if (!*bytes) return;
  const std::string_view text(reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size());
  const auto kept = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  control::IsolateRequest request;
  WallNs until = 0;
  try {
    until = kept.at("until").get<WallNs>();
    request = {.allow = kept.at("allow").get<std::vector<std::string>>(),
               .cgroup = kept.at("cgroup").get<std::string>(),
               .keep = true};
  } catch (const Json::exception&) {
    parts_.tell("the isolation that was kept cannot be read: the host is open");
    return;
  }
  std::error_code ignored;
  if (until <= parts_.clock.wall_ns()) {
    std::filesystem::remove(parts_.file, ignored);
    return;
  }
  auto current = begin(request, until);
  if (!current) {
    parts_.tell(fmt::format("the isolation that was kept cannot be taken up: {}; the host is open",
                            current.error().message));
    return;
  }
  current_ = std::move(*current);
  parts_.tell(fmt::format("{} is isolated again, until {}", whom(), format_time_utc(until)));
}

void IsolationDesk::end(const std::string& why) {
  parts_.kernel.release();
  std::error_code ignored;
  std::filesystem::remove(parts_.file, ignored);
  parts_.tell(fmt::format("the isolation of {} has ended: {}", whom(), why));
  current_.reset();
}

Result<Json> IsolationDesk::release() {
  if (!current_) return fail(ErrorCode::kNotFound, "nothing is isolated");
  end("released");
  return status();
}

void IsolationDesk::tick() {
  if (current_ && parts_.clock.wall_ns() >= current_->until_ns) end("its time is over");
}

void IsolationDesk::stop() {
  if (!current_) return;
  const auto after = current_->request.keep ? "the next start takes it up again" : "not kept";
  parts_.tell(fmt::format("the daemon stops: {} is OPEN again from now on ({})", whom(), after));
}

Json IsolationDesk::status() const {
  Json out = {{"state", current_ ? "on" : "off"},
              {"refused", parts_.kernel.counters().isolation_refused}};
  if (!current_) return out;
  out["until"] = static_cast<double>(current_->until_ns) / 1e9;
  out["allow"] = texts_of(current_->allow);
  out["cgroup"] = current_->request.cgroup;
  out["kept"] = current_->request.keep;
  out["old_connections"] = parts_.packets ? "cut" : "go on: no packet hook is attached";
  return out;
}

}  // namespace tocsin
