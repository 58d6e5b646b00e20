// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/doctor_checks.hpp"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/text.hpp"
#include "daemon/instance_lock.hpp"

namespace tocsin::cli {
namespace {

// The oldest kernel that the tests run on.
constexpr unsigned kLeastMajor = 5, kLeastMinor = 10;
// The kernel has the ring buffer from here on; older ones cannot carry events without loss.
constexpr unsigned kRingMajor = 5, kRingMinor = 8;
// From here on maps are charged to the control group and RLIMIT_MEMLOCK does not matter.
constexpr unsigned kNoMemlockMajor = 5, kNoMemlockMinor = 11;

std::string read_text(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Version {
  unsigned major = 0, minor = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
};

std::optional<Version> version_of(std::string_view release) {
  Version v;
  const char* end = release.data() + release.size();
  auto [at, ec] = std::from_chars(release.data(), end, v.major);
  if (ec != std::errc{} || at == end || *at != '.') return std::nullopt;
  if (std::from_chars(at + 1, end, v.minor).ec != std::errc{}) return std::nullopt;
  return v;
}

// A hexadecimal line "CapEff:\t000001ff…" of /proc/self/status.
std::uint64_t capability_set(std::string_view status, std::string_view label) {
  const auto at = status.find(label);
  if (at == std::string_view::npos) return 0;
  const auto digits = trim(status.substr(at + label.size(), 24));
  std::uint64_t set = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), set, 16);
  return set;
}

bool holds(const HostView& host, unsigned capability) {
  return has_capability(host.own_status, capability);
}

struct Capability {
  std::string_view name;
  unsigned number;
  bool needed;  // without it nothing works
  std::string_view for_what;
  std::string_view lost;
};

constexpr Capability kCapabilities[] = {
    {"CAP_BPF", CAP_BPF, true, "loads the programs", "no event is seen"},
    {"CAP_PERFMON", CAP_PERFMON, true, "lets them read the kernel", "no event is seen"},
    {"CAP_NET_ADMIN", CAP_NET_ADMIN, true, "attaches them to control groups",
     "no datagram, no DNS message and no host name is seen, and connects only by a lesser hook"},
    {"CAP_SYS_PTRACE", CAP_SYS_PTRACE, false, "opens the program behind a process of another user",
     "programs of other users are hashed by path only, and many not at all"},
    {"CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH, false,
     "reads programs that only their owner may read", "such programs have no hash"},
};

Check check_capability(const HostView& host, const Capability& capability) {
  const std::uint64_t bit = std::uint64_t{1} << capability.number;
  // CAP_SYS_ADMIN stands for the two that were split from it in 5.8.
  const bool held = holds(host, capability.number) ||
                    ((capability.number == CAP_BPF || capability.number == CAP_PERFMON) &&
                     holds(host, CAP_SYS_ADMIN));
  Check check{std::string(capability.name), Verdict::kOk, std::string(capability.for_what), "", ""};
  if (held) return check;
  check.lost = capability.lost;
  if ((capability_set(host.own_status, "CapBnd:") & bit) == 0) {
    check.verdict = capability.needed ? Verdict::kFail : Verdict::kWarn;
    check.detail += "; nobody here can have it: this is a container or a unit that took it away";
    check.fix = fmt::format("run on the host itself, or give the container {}", capability.name);
  } else {
    check.verdict = Verdict::kWarn;
    check.detail += "; this user does not have it, the service does";
    check.fix = "sudo tocsin doctor";
  }
  return check;
}

Check check_kernel(const HostView& host) {
  Check check{"kernel", Verdict::kOk, host.kernel_release, "", ""};
  const auto version = version_of(host.kernel_release);
  if (!version) {
    check.verdict = Verdict::kWarn;
    check.detail += " (not a version this program can read)";
  } else if (*version < Version{kLeastMajor, kLeastMinor}) {
    check.verdict = Verdict::kFail;
    check.detail +=
        fmt::format("; refused: the oldest that works is {}.{}", kLeastMajor, kLeastMinor);
    check.lost =
        *version < Version{kRingMajor, kRingMinor}
            ? "everything: this kernel has no BPF ring buffer, so events cannot be delivered"
            : "everything that was never tried on it";
    check.fix = fmt::format("a kernel from {}.{} on; Debian 12 has 6.1", kLeastMajor, kLeastMinor);
  }
  return check;
}

Check check_btf(const HostView& host) {
  if (host.btf) return {"btf", Verdict::kOk, "/sys/kernel/btf/vmlinux", "", ""};
  return {
      "btf", Verdict::kFail, "no readable /sys/kernel/btf/vmlinux",
      "the programs cannot be fitted to this kernel: no event is seen",
      "a kernel built with CONFIG_DEBUG_INFO_BTF (Debian's have it); in a container, mount /sys"};
}

Check check_ring_buffer(const HostView& host) {
  switch (host.ring_buffer) {
    case HostView::Probe::kWorks:
      return {"ring buffer", Verdict::kOk, "the kernel makes one", "", ""};
    case HostView::Probe::kMissing:
      return {"ring buffer", Verdict::kFail, "the kernel refuses to make one",
              "events cannot be delivered", "a kernel from 5.8 on with CONFIG_BPF_SYSCALL"};
    case HostView::Probe::kNotAllowed:
      break;
  }
  return {"ring buffer", Verdict::kWarn, "this user may not try", "", "sudo tocsin doctor"};
}

Check check_cgroup2(const HostView& host) {
  const auto& [root, depth, partial] = host.cgroup2;
  if (!root.empty()) return {"cgroup2", Verdict::kOk, root, "", ""};
  constexpr auto kLost = "no datagram and no host name is seen, and containers have no id";
  if (partial)
    return {"cgroup2", Verdict::kFail, "only a part of the unified control group hierarchy is here",
            kLost, "share the host's root with this container: docs/install.md#container"};
  return {"cgroup2", Verdict::kFail, "the unified control group hierarchy is not mounted", kLost,
          "mount -t cgroup2 none /sys/fs/cgroup/unified"};
}

Check check_lsm(const HostView& host) {
  const auto list = std::string(trim(host.lsm));
  if (list.empty())
    return {"lsm", Verdict::kWarn, "/sys/kernel/security/lsm cannot be read", "",
            host.root ? "mount -t securityfs none /sys/kernel/security" : "sudo tocsin doctor"};
  if (("," + list + ",").find(",bpf,") != std::string::npos)
    return {"lsm", Verdict::kOk, list, "", ""};
  return {"lsm", Verdict::kWarn, list,
          "the kernel's own digest of a program (IMA) cannot be asked for",
          fmt::format("add bpf to the list on the kernel command line: lsm={},bpf", list)};
}

// Only tell: tocsin loads with capabilities and uses neither perf events nor unprivileged BPF.
Check check_unprivileged(const HostView& host) {
  const auto bpf = std::string(trim(host.unprivileged_bpf)),
             perf = std::string(trim(host.perf_paranoid));
  Check check{"sysctl", Verdict::kOk,
              fmt::format("unprivileged_bpf_disabled={}, perf_event_paranoid={}",
                          bpf.empty() ? "?" : bpf, perf.empty() ? "?" : perf),
              "", ""};
  if (bpf != "0") return check;
  check.verdict = Verdict::kWarn;
  check.lost = "nothing of tocsin's; but every user may load BPF programs, which helps intruders";
  check.fix = "sysctl kernel.unprivileged_bpf_disabled=1";
  return check;
}

Check check_memlock(const HostView& host) {
  const auto version = version_of(host.kernel_release);
  if (!version || *version >= Version{kNoMemlockMajor, kNoMemlockMinor})
    return {"memlock", Verdict::kOk, "not needed: this kernel charges the control group", "", ""};
  if (host.memlock_bytes == UINT64_MAX) return {"memlock", Verdict::kOk, "unlimited", "", ""};
  if (holds(host, CAP_SYS_RESOURCE))
    return {"memlock", Verdict::kOk, "will be raised: CAP_SYS_RESOURCE is held", "", ""};
  return {"memlock", Verdict::kFail, fmt::format("limit of {} bytes", host.memlock_bytes),
          "the ring buffer cannot be made",
          "ulimit -l unlimited, or LimitMEMLOCK=infinity in the unit"};
}

// One watches a host: docs/decisions/0003-one-monitor-per-host.md.
Check check_monitor(const HostView& host) {
  if (host.monitor.empty())
    return {"monitor", Verdict::kOk, host.answered ? "tocsind answers" : "no tocsind runs now", "",
            ""};
  if (host.answered) return {"monitor", Verdict::kOk, "tocsind answers: " + host.monitor, "", ""};
  return {"monitor", Verdict::kWarn,
          "another tocsind watches this host and does not answer here: " + host.monitor,
          "a second one refuses to start",
          "ask it where it runs (its container, its --socket), or stop it"};
}

HostView::Probe probe_ring_buffer() {
  if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) == 1) return HostView::Probe::kWorks;
  // Without rights every kind of map is refused.
  return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_HASH, nullptr) == 1 ? HostView::Probe::kMissing
                                                                    : HostView::Probe::kNotAllowed;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  static constexpr std::string_view kNames[] = {"ok", "warn", "fail"};
  return kNames[static_cast<std::size_t>(verdict)];
}

bool has_capability(std::string_view status, unsigned capability) {
  return (capability_set(status, "CapEff:") & (std::uint64_t{1} << capability)) != 0;
}

HostView look_at_host() {
  HostView host;
  utsname name{};
  uname(&name);
  rlimit memlock{};
  getrlimit(RLIMIT_MEMLOCK, &memlock);
  host.kernel_release = name.release;
  host.btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  host.own_status = read_text("/proc/self/status");
  host.root = geteuid() == 0 || (holds(host, CAP_BPF) && holds(host, CAP_PERFMON));
  host.cgroup2 = find_cgroup2_root();
  host.monitor = find_monitor(host.cgroup2.path).value_or("");
  host.lsm = read_text("/sys/kernel/security/lsm");
  host.unprivileged_bpf = read_text("/proc/sys/kernel/unprivileged_bpf_disabled");
  host.perf_paranoid = read_text("/proc/sys/kernel/perf_event_paranoid");
  host.memlock_bytes = memlock.rlim_cur == RLIM_INFINITY ? UINT64_MAX : memlock.rlim_cur;
  host.ring_buffer = probe_ring_buffer();
  return host;
}

std::string place_in_docs(const Check& check) {
  // One heading for all package managers.
  auto heading = ascii_lower(check.name.starts_with("packages") ? "packages" : check.name);
  std::ranges::replace(heading, ' ', '-');
  return "docs/troubleshoot.md#" + heading;
}

std::vector<Check> host_checks(const HostView& host) {
  std::vector<Check> checks = {check_kernel(host), check_btf(host), check_ring_buffer(host),
                               check_cgroup2(host)};
  for (const auto& capability : kCapabilities) checks.push_back(check_capability(host, capability));
  checks.push_back(check_lsm(host));
  checks.push_back(check_unprivileged(host));
  checks.push_back(check_memlock(host));
  checks.push_back(check_monitor(host));
  return checks;
}

std::vector<Check> package_checks(const PackageReading& reading) {
  constexpr auto kLost =
      "whether a package owns a file, and whether it was changed since, is unknown";
  if (reading.databases.empty())
    return {{"packages", Verdict::kWarn, "no database of dpkg, apk or rpm", kLost, ""}};
  std::vector<Check> checks;
  for (const auto& database : reading.databases) {
    Check check{fmt::format("packages {}", to_string(database.manager)), Verdict::kOk,
                fmt::format("{}: {} packages, {} files", database.path.string(), database.packages,
                            database.files),
                "", ""};
    if (!database.error.empty()) {
      check.verdict = Verdict::kWarn;
      check.detail += "; " + database.error;
      check.lost = kLost;
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

std::vector<Check> hook_checks(std::span<const HookStatus> hooks) {
  std::vector<Check> checks;
  for (const auto& hook : hooks) {
    if (hook.event.starts_with("deny-")) continue;  // see response_checks()
    Check check{"hook " + hook.event, Verdict::kOk, hook.hook, hook.lost, ""};
    if (hook.state == HookState::kMissing) {
      check.verdict =
          hook.event == "exec" || hook.event == "connect" ? Verdict::kFail : Verdict::kWarn;
      check.detail = "nothing works";
      check.fix = "see the reasons; the lines above name what this host lacks";
    } else if (hook.state == HookState::kFallback) {
      check.verdict = Verdict::kWarn;
    }
    for (const auto& refusal : hook.refused)
      check.detail += fmt::format("; {}: {}", refusal.hook, refusal.reason);
    checks.push_back(std::move(check));
  }
  return checks;
}

std::vector<Check> response_checks(std::span<const HookStatus> hooks) {
  const auto hook_of = [&](std::string_view event) -> std::string {
    for (const auto& hook : hooks)
      if (hook.event == event) return hook.hook;
    return {};
  };
  const auto check = [](std::string name, std::string detail) {
    return Check{"response " + std::move(name), Verdict::kOk, std::move(detail), "", ""};
  };
  const bool network = hook_of("connect").starts_with("cgroup/") && !hook_of("datagram").empty();
  const bool exec = !hook_of("deny-exec").empty(), library = !hook_of("deny-library").empty();
  return {
      check("network", network ? "contacts to listed addresses and names can be refused"
                               : "contacts cannot be refused: only the control group hooks can"),
      // Whether IMA hashes at all, and by SHA-256, shows when it is asked.
      check("exec", exec ? "attached: listed content is refused at its first execution, as far as "
                           "IMA gives SHA-256 (ima_hash=); status counts the rest, content_unread"
                         : "listed content is killed when it has been hashed, and in the exec hook "
                           "when it is known: refusing it needs the BPF LSM with IMA (5.18)"),
      check("library", library ? "attached: listed libraries are refused, as far as IMA gives "
                                 "SHA-256"
                               : "a process with a listed library can be killed, where libraries "
                                 "are seen: refusing needs the BPF LSM with IMA (5.18)"),
  };
}

}  // namespace tocsin::cli
