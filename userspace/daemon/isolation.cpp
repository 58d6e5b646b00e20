// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/isolation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/own_file.hpp"
#include "base/text.hpp"
#include "base/write_file.hpp"
#include "capture/capture_limits.hpp"
#include "daemon/host_addresses.hpp"
#include "respond/respond_limits.hpp"
#include "respond/response_policy.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kKeptBytesMax = 128 * 1024;
constexpr mode_t kKeptMode = 0600;

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
  if (!parts_.refuses)
    return fail(ErrorCode::kUnsupported,
                "this kernel's hooks see contacts and refuse none: see \"tocsin doctor\"");
  Current current{.request = request, .allow = {}, .until_ns = until_ns};
  TOCSIN_TRY(current.allow, networks_of(parts_.always));
  TOCSIN_TRY(auto asked, networks_of(request.allow));
  std::ranges::move(asked, std::back_inserter(current.allow));
  TOCSIN_TRY(auto scope, scope_of(request.cgroup));
  scope.until_ns =
      parts_.clock.boot_ns() + static_cast<std::uint64_t>(until_ns - parts_.clock.wall_ns());
  std::vector<KernelResponse::Network> allow;
  for (const auto& network : current.allow) allow.push_back({network.address, network.prefix});
  // What the host calls itself: programs reach their own services by it.
  const auto own = host_addresses();
  for (const auto& address : own) allow.push_back({address, IpNetwork::single(address).prefix});
  current.blind = own.empty();
  current.cgroup_id = scope.cgroup_id;
  TOCSIN_TRY_VOID(parts_.kernel.isolate(scope, allow));
  return current;
}

Result<Json> IsolationDesk::isolate(const control::IsolateRequest& request) {
  if (request.for_ns <= 0 || request.for_ns > limits::kIsolationMostNs)
    return fail(ErrorCode::kInvalidInput, "an isolation lasts from 1 second to 30 days");
  auto begun = begin(request, parts_.clock.wall_ns() + request.for_ns);
  if (!begun) {
    if (current_ && !holds()) end("another could not take its place");
    return std::unexpected(std::move(begun).error());
  }
  current_ = std::move(*begun);
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

// The kernel's word: its time runs by another clock than the wall's.
bool IsolationDesk::holds() const {
  return parts_.kernel.isolated(parts_.clock.boot_ns());
}

void IsolationDesk::tick() {
  if (!current_) return;
  if (!holds()) return end("its time is over");
  if (current_->cgroup_id != 0) follow_cgroup();
}

void IsolationDesk::on_cgroup(const CgroupEvent& event) {
  if (!current_ || current_->cgroup_id == 0) return;
  const auto made = std::filesystem::path("/" + event.path).lexically_normal();
  if (made == std::filesystem::path("/" + current_->request.cgroup).lexically_normal())
    follow_cgroup();
}

// Its processes left and came back under another id. While it is gone there is nobody to isolate.
void IsolationDesk::follow_cgroup() {
  const auto scope = scope_of(current_->request.cgroup);
  if (!scope || scope->cgroup_id == current_->cgroup_id) return;
  current_->cgroup_id = scope->cgroup_id;
  parts_.kernel.isolate_instead(scope->cgroup_id);
  parts_.tell(fmt::format("{} was made anew and is isolated again, until {}", whom(),
                          format_time_utc(current_->until_ns)));
}

void IsolationDesk::stop() {
  if (!current_) return;
  const auto after = current_->request.keep ? "the next start takes it up again" : "not kept";
  parts_.tell(fmt::format("the daemon stops: {} is OPEN again from now on ({})", whom(), after));
}

Json IsolationDesk::status() const {
  const bool on = current_ && holds();
  Json out = {{"state", on ? "on" : "off"},
              {"refused", parts_.kernel.counters().isolation_refused}};
  if (!on) return out;
  out["until"] = static_cast<double>(current_->until_ns) / 1e9;
  out["allow"] = texts_of(current_->allow);
  out["cgroup"] = current_->request.cgroup;
  out["kept"] = current_->request.keep;
  if (current_->blind)
    out["note"] =
        "the host's own addresses could not be read: only loopback and the list are "
        "reached";
  out["old_connections"] = parts_.packets ? "cut" : "go on: no packet hook is attached";
  return out;
}

}  // namespace tocsin
