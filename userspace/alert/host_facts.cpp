// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/host_facts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <string_view>

#include "base/fd.hpp"
#include "base/text.hpp"

namespace tocsin {
namespace {

// Our name in the derivation of a host id from the machine id. Fixed for ever, or ids change.
constexpr sd_id128_t kHostApp = {.bytes = {0xd5, 0xf4, 0x9a, 0x9b, 0xdf, 0xa2, 0x4a, 0xb8, 0x91,
                                           0x3b, 0x94, 0x9b, 0x7a, 0xfe, 0xf7, 0x25}};
constexpr std::size_t kMachineIdChars = 32;

std::string text_of(sd_id128_t id) {
  std::array<char, SD_ID128_STRING_MAX> text{};
  return sd_id128_to_string(id, text.data());
}

bool is_id(std::string_view text) {
  std::array<std::uint8_t, kMachineIdChars / 2> bytes{};
  return from_hex(text, bytes);
}

std::string random_id() {
  sd_id128_t id{};
  return sd_id128_randomize(&id) == 0 ? text_of(id) : std::string{};
}

// Reads the id kept in the state folder, or makes it; a value that is not an id is replaced.
std::optional<std::string> state_file_id(const std::string& state_dir) {
  if (state_dir.empty()) return std::nullopt;
  const std::string path = state_dir + "/host-id";
  std::string line;
  if (std::ifstream in(path); std::getline(in, line) && is_id(line)) return line;
  const std::string id = random_id();
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
  const std::string content = id + "\n";
  if (!fd ||
      ::write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
      ::fsync(fd.get()) != 0)
    return std::nullopt;
  return id;
}

// KEY=value, KEY="value": os-release(5) without its escapes, which these keys do not use.
std::map<std::string, std::string> read_os_release(const std::string& path) {
  std::map<std::string, std::string> values;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos || line.starts_with('#')) continue;
    std::string_view value = trim(std::string_view(line).substr(equals + 1));
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0])
      value = value.substr(1, value.size() - 2);
    values[line.substr(0, equals)] = std::string(value);
  }
  return values;
}

void set_id(HostFacts& host, const HostFactsOptions& options) {
  sd_id128_t derived{};
  if (options.use_machine_id && sd_id128_get_machine_app_specific(kHostApp, &derived) == 0) {
    host.id = text_of(derived);
    host.id_source = HostIdSource::kMachineId;
  } else if (auto kept = state_file_id(options.state_dir)) {
    host.id = *kept;
    host.id_source = HostIdSource::kStateFile;
  } else {
    host.id_source = HostIdSource::kBoot;
    if (sd_id128_get_boot_app_specific(kHostApp, &derived) == 0) host.id = text_of(derived);
    if (host.id.empty()) host.id = random_id();
  }
}

// FNV-1a, 64 bits: names a host and its boot in front of every process id.
std::uint64_t fnv1a(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

HostFacts read_host_facts(const HostFactsOptions& options) {
  HostFacts host;
  set_id(host, options);
  if (sd_id128_t boot{}; sd_id128_get_boot(&boot) == 0) host.boot_id = text_of(boot);
  if (utsname names{}; ::uname(&names) == 0) {
    host.hostname = names.nodename;
    host.architecture = names.machine;
    host.kernel = names.release;
  }
  auto os = read_os_release(options.os_release);
  host.os_platform = os["ID"];
  const std::string& like = os["ID_LIKE"];
  host.os_family = like.empty() ? os["ID"] : like.substr(0, like.find(' '));
  host.os_version = os["VERSION_ID"];
  host.os_name = os["NAME"];
  return host;
}

AgentFacts make_agent_facts(const HostFacts& host) {
  // Derived, so that it is as stable as the host id, and different from it.
  const std::uint64_t a = fnv1a(0xcbf29ce484222325ULL, "tocsin agent " + host.id);
  const std::uint64_t b = fnv1a(a, host.id);
  return {.id = fmt::format("{:016x}{:016x}", a, b),
          .ephemeral_id = random_id(),
          .version = TOCSIN_VERSION};
}

std::string entity_id(const HostFacts& host, const ProcessId& process) {
  const std::uint64_t place = fnv1a(fnv1a(0xcbf29ce484222325ULL, host.id), host.boot_id);
  return fmt::format("{:016x}-{:x}-{:x}", place, process.pid, process.start_ns);
}

}  // namespace tocsin
