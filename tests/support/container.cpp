// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/container.hpp"

#include <unistd.h>

#include <random>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {
namespace {

using nlohmann::json;

json mount(const char* where, const char* type, std::vector<std::string> options) {
  return {
      {"destination", where}, {"type", type}, {"source", type}, {"options", std::move(options)}};
}

// No rlimits: raising them needs a capability that a machine may lack.
json bundle_config(const std::string& id, const std::vector<std::string>& argv) {
  const json capabilities = json::array();
  return {
      {"ociVersion", "1.0.2"},
      {"root", {{"path", "rootfs"}, {"readonly", true}}},
      {"process",
       {{"terminal", false},
        {"user", {{"uid", 0}, {"gid", 0}}},
        {"args", argv},
        {"env", {"PATH=/bin"}},
        {"cwd", "/"},
        {"noNewPrivileges", true},
        {"capabilities", {{"bounding", capabilities}, {"effective", capabilities}}}}},
      {"hostname", "tocsin-test"},
      {"mounts", {mount("/proc", "proc", {"nosuid", "noexec", "nodev"})}},
      {"linux",
       {{"cgroupsPath", "/" + id},
        {"namespaces",
         {{{"type", "pid"}},
          {{"type", "mount"}},
          {{"type", "ipc"}},
          {{"type", "uts"}},
          {{"type", "network"}}}}}},
  };
}

// In each hierarchy, once it is empty.
void remove_group(const std::string& group) {
  const std::filesystem::path top = "/sys/fs/cgroup";
  std::error_code ec;
  ::rmdir((top.string() + group).c_str());
  for (std::filesystem::directory_iterator it(top, ec), end; !ec && it != end; it.increment(ec))
    ::rmdir((it->path().string() + group).c_str());
}

}  // namespace

RuncBundle::RuncBundle(const std::filesystem::path& folder, std::string runtime)
    : folder_(folder), runtime_(std::move(runtime)) {
  std::random_device random;
  std::array<std::uint8_t, 32> bytes{};
  for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
  id_ = to_hex(bytes);
  for (const char* name : {"bin", "proc"}) std::filesystem::create_directories(root() / name);
}

RuncBundle::~RuncBundle() {
  try {
    run_program({runtime_, "delete", "--force", id_});
  } catch (const std::exception&) {  // nothing was started, or it is gone already
  }
  if (!parent_group_.empty()) remove_group(parent_group_);
}

std::string RuncBundle::prepare(const std::vector<std::string>& argv) {
  auto config = bundle_config(id_, argv);
  config["linux"]["cgroupsPath"] = parent_group_ + "/" + id_;
  if (!net_ns_path_.empty()) config["linux"]["namespaces"].back()["path"] = net_ns_path_;
  write_file(folder_ / "config.json", config.dump());
  return folder_;
}

Finished RuncBundle::run(const std::vector<std::string>& argv) {
  return run_program({runtime_, "run", "--bundle", prepare(argv), id_});
}

bool RuncBundle::available(const std::string& runtime) {
  return run_program({runtime, "--version"}).exit_code == 0;
}

PodmanStore::~PodmanStore() {
  try {
    for (const auto& name : started_) podman({"rm", "--force", "--ignore", "--time=0", name});
    podman({"rmi", "--all", "--force"});
  } catch (const std::exception&) {  // the folder goes anyway
  }
}

Finished PodmanStore::podman(const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {
      "podman",        "--root",           folder_ / "root", "--runroot",
      folder_ / "run", "--tmpdir",         folder_ / "tmp",  "--runtime",
      "runc",          "--cgroup-manager", "cgroupfs",       "--events-backend",
      "none"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_program(argv);
}

Finished PodmanStore::import(const std::filesystem::path& content, const std::string& image) {
  std::filesystem::create_directories(folder_);
  const auto archive = folder_ / "image.tar";
  if (auto made = run_program({"tar", "-C", content, "-cf", archive, "."}); made.exit_code != 0)
    return made;
  return podman({"import", "--quiet", archive, image});
}

Finished PodmanStore::run(const std::string& name, std::vector<std::string> options,
                          const std::string& image, const std::vector<std::string>& argv) {
  {
    const std::lock_guard lock(mutex_);
    started_.push_back(name);
  }
  // Its own limits are above what a machine without CAP_SYS_RESOURCE may set.
  std::vector<std::string> arguments = {
      "run",      "--name",           name,       "--network",      "none",
      "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back(image);
  arguments.insert(arguments.end(), argv.begin(), argv.end());
  return podman(arguments);
}

bool PodmanStore::available() {
  return run_program({"podman", "--version"}).exit_code == 0;
}

}  // namespace tocsin::test
