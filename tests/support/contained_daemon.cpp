// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/contained_daemon.hpp"

#include <signal.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>
#include <thread>

namespace tocsin::test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr uid_t kUser = 10774;  // as in packaging/container/Dockerfile
constexpr Millis kPoll(20);
const char* const kRights =
    "cap_bpf,cap_perfmon,cap_net_admin,cap_sys_ptrace,cap_dac_read_search+ep";

json mount(const std::string& where, const std::string& type, const std::string& source,
           std::vector<std::string> options) {
  return {
      {"destination", where}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

// A program with the libraries that it needs, each at its own path.
void copy_program(const std::string& from, const fs::path& root, const std::string& to) {
  fs::create_directories((root / to).parent_path());
  fs::copy_file(from, root / to);
  std::istringstream words(run_program({"ldd", from}).out);
  for (std::string word; words >> word;) {
    if (!word.starts_with('/')) continue;
    const auto library = root / word.substr(1);
    fs::create_directories(library.parent_path());
    fs::copy_file(word, library, fs::copy_options::skip_existing);
  }
}

}  // namespace

ContainedDaemon::ContainedDaemon(const std::vector<std::string>& indicators,
                                 const std::vector<std::string>& settings)
    : bundle_(dir_ / "bundle") {
  dir_.write("iocs/test.ioc", indicator_file(indicators));
  fs::create_directory(dir_ / "state");
  if (::chown((dir_ / "state").c_str(), kUser, kUser) != 0) throw std::runtime_error("chown");
  bundle_.join_group(kParentGroup);
  fill_root();
  configure(settings);
  child_ = std::make_unique<Child>(
      ChildOptions{.argv = {"runc", "run", "--bundle", dir_ / "bundle", bundle_.id()}});
}

void ContainedDaemon::fill_root() const {
  const std::string bin = TOCSIN_BIN_DIR;
  const auto root = bundle_.root();
  copy_program(bin + "/tocsind", root, "usr/sbin/tocsind");
  copy_program(bin + "/tocsin", root, "usr/bin/tocsin");
  copy_program(bin + "/tocsin-canary", root, "usr/libexec/tocsin/tocsin-canary");
  copy_program("/bin/sh", root, "bin/sh");
  fs::copy_file(TOCSIN_SOURCE_DIR "/iocs/selftest-marker.sh",
                root / "usr/libexec/tocsin/selftest-marker.sh");
  fs::create_directories(root / "etc/tocsin");
  fs::copy_file(TOCSIN_SOURCE_DIR "/packaging/container/tocsin.toml",
                root / "etc/tocsin/tocsin.toml");
  if (run_program({"setcap", kRights, root / "usr/sbin/tocsind"}).exit_code != 0)
    throw std::runtime_error("setcap");
}

// What a runtime makes of the manifest for a user who is not root: no ambient capabilities.
void ContainedDaemon::configure(const std::vector<std::string>& settings) {
  std::vector<std::string> argv = {"/usr/sbin/tocsind", "-o", "indicators.paths=/iocs/test.ioc"};
  for (const auto& setting : settings) argv.insert(argv.end(), {"-o", setting});
  const fs::path file = fs::path(bundle_.prepare(argv)) / "config.json";
  auto config = json::parse(read_text(file));
  const json rights = {"CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_PTRACE",
                       "CAP_DAC_READ_SEARCH"};
  auto& process = config["process"];
  process["user"] = {{"uid", kUser}, {"gid", kUser}};
  process["noNewPrivileges"] = false;
  process["env"] = {"PATH=/usr/sbin:/usr/bin:/bin"};
  process["capabilities"] = {{"bounding", rights}, {"permitted", rights}, {"effective", rights}};
  config["mounts"] = {
      mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "mode=755", "size=1m"}),
      mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "ro"}),
      mount("/host", "bind", "/", {"rbind", "ro", "rslave"}),
      mount("/iocs", "bind", dir_ / "iocs", {"bind", "ro"}),
      mount("/var/lib/tocsin", "bind", dir_ / "state", {"bind"}),
  };
  config["linux"]["namespaces"] = {
      {{"type", "mount"}},   {{"type", "ipc"}},    {{"type", "uts"}},
      {{"type", "network"}}, {{"type", "cgroup"}},
  };
  write_file(file, config.dump());
}

bool ContainedDaemon::wait_ready(Millis limit) {
  const auto deadline = std::chrono::steady_clock::now() + patient(limit);
  while (std::chrono::steady_clock::now() < deadline && child_->running()) {
    if (log().find("READY") != std::string::npos) return true;
    std::this_thread::sleep_for(kPoll);
  }
  return false;
}

std::optional<json> ContainedDaemon::wait_alert(const Daemon::Fits& fits, Millis limit) {
  const auto deadline = std::chrono::steady_clock::now() + patient(limit);
  do {
    std::istringstream lines(child_->out());
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
      auto alert = json::parse(line);
      if (fits(alert)) return alert;
    }
    std::this_thread::sleep_for(kPoll);
  } while (std::chrono::steady_clock::now() < deadline);
  return std::nullopt;
}

Finished ContainedDaemon::cli(const std::vector<std::string>& arguments) const {
  const auto user = std::to_string(kUser) + ":" + std::to_string(kUser);
  std::vector<std::string> argv = {"runc", "exec", "--user", user, bundle_.id(), "/usr/bin/tocsin"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_program(argv);
}

std::optional<int> ContainedDaemon::stop(Millis limit) {
  child_->signal(SIGTERM);
  return child_->wait(limit);
}

std::string ContainedDaemon::refusal() {
  if (!RuncBundle::available()) return "runc is not installed";
  TempDir dir;
  fs::copy_file("/bin/true", dir / "true");
  const auto tried = run_program({"setcap", kRights, dir / "true"});
  return tried.exit_code == 0 ? "" : "a file cannot be given capabilities (setcap): " + tried.err;
}

}  // namespace tocsin::test
