// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/login_lineage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 6> kNetworkEntries = {
    "sshd", "sshd-session", "sshd-auth", "dropbear", "in.telnetd", "telnetd"};
constexpr std::array<std::string_view, 8> kOtherEntries = {
    "login", "cron", "crond", "atd", "gdm-session-worker", "sddm-helper", "lightdm", "xrdp-sesman"};
constexpr std::array<std::string_view, 5> kUserChangers = {"sudo", "su", "doas", "pkexec",
                                                           "runuser"};

// Where programs of the system and of its owner are.
constexpr std::array<std::string_view, 7> kEntryFolders = {
    "/usr/sbin/", "/usr/bin/", "/usr/lib", "/usr/local/", "/sbin/", "/bin/", "/lib"};

bool is_installed(std::string_view path) {
  return std::ranges::any_of(kEntryFolders, [&](auto folder) { return path.starts_with(folder); });
}

// OpenSSH 9.8 divided sshd: the listener and the session's process have different names.
bool same_entry(std::string_view a, std::string_view b) {
  return program_name(a).substr(0, 4) == program_name(b).substr(0, 4);
}

bool changes_user(const Ancestor& process) {
  return std::ranges::find(kUserChangers, program_name(process.path)) != kUserChangers.end();
}

}  // namespace

std::string_view program_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool lets_users_in(std::string_view path) {
  return is_network_entry(path) ||
         (is_installed(path) &&
          std::ranges::find(kOtherEntries, program_name(path)) != kOtherEntries.end());
}

bool is_network_entry(std::string_view path) {
  return is_installed(path) &&
         std::ranges::find(kNetworkEntries, program_name(path)) != kNetworkEntries.end();
}

bool starts_users_shell(const std::vector<std::string>& argv) {
  if (argv.empty() || argv[0].starts_with('-')) return true;
  return argv.size() > 1 && argv[1] == "-c" && !argv[0].starts_with('/');
}

std::optional<std::size_t> entry_of(std::span<const Ancestor> lineage) {
  for (std::size_t i = 0; i < lineage.size(); ++i)
    if (lets_users_in(lineage[i].path)) return i == 0 ? std::nullopt : std::optional(i);
  return std::nullopt;
}

std::span<const Ancestor> entry_chain(std::span<const Ancestor> lineage, std::size_t entry) {
  std::size_t end = entry + 1;
  while (end < lineage.size() && same_entry(lineage[end].path, lineage[entry].path)) ++end;
  return lineage.subspan(entry, end - entry);
}

std::vector<std::string> user_changes(std::span<const Ancestor> lineage,
                                      const std::function<std::string(std::uint32_t)>& name_of) {
  std::vector<std::string> out;
  const auto entry = entry_of(lineage);
  const auto name = [&](const std::optional<std::uint32_t>& uid) {
    return uid ? name_of(*uid) : std::string("unknown");
  };
  // From the entry to the subject. A changer may run as two processes: the inner one counts.
  for (std::size_t i = entry.value_or(lineage.size()); i-- > 1;) {
    const auto& changer = lineage[i];
    if (!changes_user(changer) || changer.path == lineage[i - 1].path) continue;
    // Who called it: what it was started as, told by the process above all of it.
    std::size_t above = i + 1;
    while (above < lineage.size() && lineage[above].path == changer.path) ++above;
    const auto& caller = above < lineage.size() ? lineage[above] : changer;
    out.push_back(fmt::format("{}({}): {} -> {}", program_name(changer.path), changer.id.pid,
                              name(caller.uid), name(lineage[i - 1].uid)));
  }
  return out;
}

}  // namespace tocsin
