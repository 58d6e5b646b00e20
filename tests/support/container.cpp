// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/container.hpp"

#include <random>

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

}  // namespace

RuncBundle::RuncBundle(const std::filesystem::path& folder) : folder_(folder) {
  std::random_device random;
  std::array<std::uint8_t, 32> bytes{};
  for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
  id_ = to_hex(bytes);
  for (const char* name : {"bin", "proc"}) std::filesystem::create_directories(root() / name);
}

RuncBundle::~RuncBundle() {
  try {
    run_program({"runc", "delete", "--force", id_});
  } catch (const std::exception&) {  // nothing was started, or it is gone already
  }
}

std::string RuncBundle::prepare(const std::vector<std::string>& argv) {
  auto config = bundle_config(id_, argv);
  if (!net_ns_path_.empty()) config["linux"]["namespaces"].back()["path"] = net_ns_path_;
  write_file(folder_ / "config.json", config.dump());
  return folder_;
}

Finished RuncBundle::run(const std::vector<std::string>& argv) {
  return run_program({"runc", "run", "--bundle", prepare(argv), id_});
}

bool RuncBundle::available() {
  return run_program({"runc", "--version"}).exit_code == 0;
}

}  // namespace tocsin::test
