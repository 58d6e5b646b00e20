// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The daemon's side of the response: what is done beside the alert, and isolation on demand.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/cgroup2_root.hpp"
#include "daemon/daemon.hpp"
#include "daemon/host_addresses.hpp"
#include "daemon/privileges.hpp"
#include "process/cgroup_table.hpp"
#include "respond/respond_limits.hpp"

namespace tocsin {

using Json = nlohmann::json;

namespace {

// Contacts are refused at these hooks, and at no other way to see them.
bool refuses_contacts(const std::vector<HookStatus>& hooks) {
  const auto by_cgroup = [&](std::string_view event) {
    return std::ranges::any_of(hooks, [event](const HookStatus& hook) {
      return hook.event == event && hook.hook.starts_with("cgroup/");
    });
  };
  return by_cgroup("connect") && by_cgroup("datagram");
}

// Whether the program of a process is this file. The device is left out, as some file systems tell
// it otherwise, and the generation, as stat does not tell it: a file too many is spared at worst.
bool is_program(const std::string& path, const DenialTables::File& file) {
  struct stat st {};
  if (stat(path.c_str(), &st) != 0) return false;
  const auto ns = [](const timespec& at) { return at.tv_sec * kNsPerSecond + at.tv_nsec; };
  return st.st_ino == file.ino && static_cast<std::uint64_t>(st.st_size) == file.size &&
         ns(st.st_mtim) == file.mtime_ns;
}

// Whether a process has it mapped: its libraries are its life, too.
bool has_mapped(const std::string& process, const DenialTables::File& file) {
  constexpr unsigned kMinorBits = 20;
  const auto wanted =
      fmt::format("{:02x}:{:02x}", file.dev >> kMinorBits, file.dev & ((1U << kMinorBits) - 1));
  std::ifstream in(fmt::format("/proc/{}/maps", process));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string range, rights, offset, dev;
    std::uint64_t ino = 0;
    words >> range >> rights >> offset >> dev >> ino;
    if (ino == file.ino && dev == wanted) return true;
  }
  return false;
}

}  // namespace

Result<void> Daemon::open_response() {
  const auto held_back = [this](const IpAddress& address) {
    const auto hits = guards_.hits(IndicatorType::kIp, address.to_string());
    return is_sinkhole(guards_, address) ||
           std::ranges::any_of(hits, [](const Warninglists::Hit& hit) {
             return hit.list->effect >= ListEffect::kHold;
           });
  };
  if (policy_.active()) {
    spdlog::info("response{}: {}", policy_.dry_run() ? " (dry run)" : "",
                 fmt::join(policy_.rules(), "; "));
    if (Responder::needs_kill(policy_) && !can_kill())
      health_alert(Severity::kMedium,
                   "the response is to kill, but CAP_KILL is missing: processes of other users are "
                   "killed in the exec hook only");
    if (policy_.uses(ResponseMode::kDeny) && !refuses_contacts(source_->hooks()))
      health_alert(Severity::kHigh,
                   "the response is to deny, but this kernel's hooks refuse no contacts: addresses "
                   "and names raise alerts only; \"tocsin doctor\" says why");
    responder_ = std::make_unique<Responder>(Responder::Parts{
        .clock = clock_,
        .indicators = indicators_->store(),
        .kernel = source_->response(),
        .policy = policy_,
        .is_guarded = held_back,
        .spared = spared_networks(),
        .is_vital = [this](const DenialTables::File& file) { return is_vital(file); },
        .is_own = [this](ProcessId process) { return is_own(process); },
        .on_trouble =
            [this](std::string what) { health_alert(Severity::kMedium, std::move(what)); }});
  }
  const bool packets = std::ranges::any_of(source_->hooks(), [](const HookStatus& hook) {
    return hook.event == "packet" && hook.state != HookState::kMissing;
  });
  isolation_ = std::make_unique<IsolationDesk>(IsolationDesk::Parts{
      .clock = clock_,
      .kernel = source_->response(),
      .cgroup_mount = find_cgroup2_root().path,
      .file = options_.config.state_dir + "/isolation.json",
      .always = options_.config.response.isolation_allow,
      .packets = packets,
      .refuses = refuses_contacts(source_->hooks()),
      .tell = [this](std::string what) { health_alert(Severity::kHigh, std::move(what)); }});
  isolation_->resume();
  return {};
}

void Daemon::response_second() {
  source_->set_clock(boot_epoch_ns_);
  source_->response().set_memory_tells(hashes_->memory_files_tell());
  source_->set_relay(server_ != nullptr ? server_->relay_pid().value_or(0) : 0);
  if (responder_) responder_->tick();
  isolation_->tick();
}

// The first process of the host, tocsin's own programs, and the libraries of all these: who is
// killed for them would take the host or its watch with him.
bool Daemon::is_vital(const DenialTables::File& file) const {
  constexpr std::string_view kSelf = "/proc/self/exe";
  std::error_code ignored;
  const auto folder = std::filesystem::read_symlink(kSelf, ignored).parent_path();
  const auto relay = server_ != nullptr ? server_->relay_pid() : std::nullopt;
  return is_program("/proc/1/exe", file) || is_program(std::string(kSelf), file) ||
         is_program(folder / "tocsin-relay", file) || has_mapped("1", file) ||
         has_mapped("self", file) || (relay && has_mapped(std::to_string(*relay), file));
}

// What no answer for a denied name may have denied, as far as it is known beforehand.
std::vector<IpNetwork> Daemon::spared_networks() const {
  auto out = guards_.networks(ListEffect::kHold, limits::kSparedBeforehandMax);
  for (const auto& addresses : {name_servers(), host_addresses()})
    for (const auto& address : addresses) out.push_back(IpNetwork::single(address));
  return out;
}

Result<Json> Daemon::isolate(const control::IsolateRequest& request) {
  return isolation_->isolate(request);
}

Result<Json> Daemon::release() {
  return isolation_->release();
}

}  // namespace tocsin
