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
// A clock that is always wrong at the start must not give an isolation its time anew each time.
constexpr BootNs kMarkEveryNs = 60 * kNsPerSecond;

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
Result<IsolationSwitch::Isolation> IsolationDesk::scope_of(const std::string& cgroup) const {
  IsolationSwitch::Isolation out;
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

Result<IsolationDesk::Current> IsolationDesk::begin(const control::IsolateRequest& request) {
  if (!parts_.refuses)
    return fail(ErrorCode::kUnsupported,
                "this kernel's hooks see contacts and refuse none: see \"tocsin doctor\"");
  Current current{.request = request,
                  .allow = {},
                  .until_ns = parts_.clock.wall_ns() + request.for_ns,
                  .ends_ns = parts_.clock.boot_ns() + static_cast<std::uint64_t>(request.for_ns)};
  TOCSIN_TRY(current.allow, networks_of(parts_.always));
  TOCSIN_TRY(auto asked, networks_of(request.allow));
  std::ranges::move(asked, std::back_inserter(current.allow));
  TOCSIN_TRY(auto scope, scope_of(request.cgroup));
  scope.until_ns = current.ends_ns;
  std::vector<DenialTables::Network> allow;
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
  auto begun = begin(request);
  if (!begun) {
    if (current_ && !holds()) end("another could not take its place");
    return std::unexpected(std::move(begun).error());
  }
  current_ = std::move(*begun);
  std::string note;
  if (const auto marked = write_mark(); !marked)
    note = fmt::format("{}: {}",
                       request.keep ? "not kept over a restart" : "a crash would not be told of",
                       marked.error().message);
  parts_.tell(fmt::format("{} is isolated until {}; allowed: loopback{}{}", whom(),
                          format_time_utc(current_->until_ns), current_->allow.empty() ? "" : ", ",
                          fmt::join(texts_of(current_->allow), ", ")));
  auto out = status();
  if (!note.empty()) out["note"] = note;
  return out;
}

// What is left stands beside the wall time at which that was so: neither a clock that is behind nor
// a file of long ago makes it more.
Result<void> IsolationDesk::write_mark() {
  const auto now = parts_.clock.boot_ns();
  next_mark_ns_ = now + kMarkEveryNs;
  const Json mark = {{"left_ns", current_->ends_ns > now ? current_->ends_ns - now : 0},
                     {"written", parts_.clock.wall_ns()},
                     {"until", current_->until_ns},
                     {"keep", current_->request.keep},
                     {"allow", current_->request.allow},
                     {"cgroup", current_->request.cgroup}};
  return replace_file(parts_.file, mark.dump(), kKeptMode);
}

void IsolationDesk::remove_mark() const {
  std::error_code ignored;
  std::filesystem::remove(parts_.file, ignored);
}

// nullopt: there is none.
Result<std::optional<IsolationDesk::Mark>> IsolationDesk::read_mark() const {
  TOCSIN_TRY(const auto bytes, read_own_file(parts_.file, kKeptBytesMax));
  if (!bytes) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const auto json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  Mark mark;
  try {
    mark.until_ns = json.at("until").get<WallNs>();
    mark.request = {.allow = json.at("allow").get<std::vector<std::string>>(),
                    .cgroup = json.at("cgroup").get<std::string>(),
                    .keep = json.at("keep").get<bool>()};
    const auto left = std::clamp<std::int64_t>(json.at("left_ns").get<std::int64_t>(), 0,
                                               limits::kIsolationMostNs);
    const auto written = json.at("written").get<WallNs>();
    const auto now = parts_.clock.wall_ns();
    const auto passed = now > written ? now - std::max<WallNs>(written, 0) : 0;
    mark.request.for_ns = std::max<std::int64_t>(left - passed, 0);
  } catch (const Json::exception&) {
    return fail(ErrorCode::kInvalidInput, "it cannot be read");
  }
  return mark;
}

void IsolationDesk::resume() {
  const auto read = read_mark();
  if (!read)
    return parts_.tell(
        fmt::format("what was isolated before: {}: the host is open", read.error().message));
  if (!*read) return;
  const auto& [request, until] = **read;
  const auto whom_before = request.cgroup.empty()
                               ? std::string("this host")
                               : fmt::format("control group {}", printable(request.cgroup, 200));
  if (!request.keep || request.for_ns == 0) {
    remove_mark();
    parts_.tell(fmt::format("the daemon ended while {} was isolated until {}: OPEN since then, {}",
                            whom_before, format_time_utc(until),
                            request.keep ? "and its time is over" : "as it was not to be kept"));
    return;
  }
  auto current = begin(request);
  if (!current)
    return parts_.tell(
        fmt::format("the isolation that was kept cannot be taken up: {}; the host "
                    "is open",
                    current.error().message));
  current_ = std::move(*current);
  const auto marked = write_mark();
  parts_.tell(fmt::format("{} is isolated again, until {}{}", whom(),
                          format_time_utc(current_->until_ns),
                          marked ? "" : "; what is left cannot be written down"));
}

void IsolationDesk::end(const std::string& why) {
  parts_.kernel.release();
  remove_mark();
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
  if (parts_.clock.boot_ns() < next_mark_ns_) return;
  if (const auto marked = write_mark(); !marked)
    spdlog::warn("writing down what is isolated: {}", marked.error().message);
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
  const bool kept = current_->request.keep;
  if (!kept) remove_mark();  // else the next start would tell of a crash
  const auto after = kept ? "the next start takes it up again" : "not kept";
  parts_.tell(fmt::format("the daemon stops: {} is OPEN again from now on ({})", whom(), after));
}

Json IsolationDesk::status() const {
  const bool on = current_ && holds();
  Json out = {{"state", on ? "on" : "off"}, {"refused", parts_.kernel.isolation_refused()}};
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
