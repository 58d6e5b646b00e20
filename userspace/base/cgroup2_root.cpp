// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/cgroup2_root.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tocsin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSearchedGroupsMax = 16'384;  // more are not searched for this process
constexpr ino_t kRootNode = 1;                      // kernfs numbers its nodes from here

bool is_true_root_on_disk(const std::string& path) {
  struct statfs fs {};
  struct stat st {};
  return statfs(path.c_str(), &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC &&
         stat(path.c_str(), &st) == 0 && st.st_ino == kRootNode;
}

struct Mount {
  std::string_view inside, where;
};

// "36 35 0:30 / /sys/fs/cgroup rw … - cgroup2 cgroup2 rw": what is mounted is field 4, where is 5.
Mount cgroup2_mount_of(std::string_view line) {
  const auto dash = line.find(" - cgroup2 ");
  if (dash == std::string_view::npos) return {};
  auto rest = line.substr(0, dash);
  std::array<std::string_view, 5> fields;
  for (auto& field : fields) {
    const auto space = rest.find(' ');
    field = rest.substr(0, space);
    rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
  }
  return {fields[3], fields[4]};
}

// "/" is 0, "/../.." is 2; anything else is no root.
int levels_above(std::string_view inside) {
  if (inside == "/") return 0;
  int levels = 0;
  for (; inside.starts_with("/.."); inside.remove_prefix(3)) ++levels;
  return inside.empty() && levels > 0 ? levels : -1;
}

bool holds_this_process(const fs::path& group) {
  std::ifstream in(group / "cgroup.procs");
  const auto self = std::to_string(getpid());
  for (std::string line; std::getline(in, line);)
    if (line == self) return true;
  return false;
}

// Below the namespace's beginning, as this process's own line in /proc says: "/" or "/name".
fs::path place_in_namespace() {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::/")) return line.substr(4);
  return {};
}

}  // namespace

Cgroup2Root find_cgroup2_root(std::string_view mountinfo,
                              const std::function<bool(const std::string&)>& is_true_root) {
  Cgroup2Root out;
  while (!mountinfo.empty()) {
    const auto eol = mountinfo.find('\n');
    const auto mount = cgroup2_mount_of(mountinfo.substr(0, eol));
    mountinfo.remove_prefix(eol == std::string_view::npos ? mountinfo.size() : eol + 1);
    if (mount.where.empty()) continue;
    const int levels = levels_above(mount.inside);
    std::string where(mount.where);
    if (levels >= 0 && is_true_root(where))
      return {std::move(where), static_cast<unsigned>(levels), false};
    out.partial = true;
  }
  return out;
}

Cgroup2Root find_cgroup2_root() {
  std::ifstream in("/proc/self/mountinfo", std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  return find_cgroup2_root(text, is_true_root_on_disk);
}

std::string cgroup_namespace_of_self(const Cgroup2Root& root) {
  if (root.path.empty() || root.depth == 0) return {};
  const auto place = place_in_namespace();
  std::error_code ec;
  std::size_t left = kSearchedGroupsMax;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator it(root.path, options, ec), end; !ec && it != end;
       it.increment(ec)) {
    if (!it->is_directory(ec) || ec) continue;
    if (left-- == 0) break;
    if (static_cast<unsigned>(it.depth()) + 1 < root.depth) continue;
    it.disable_recursion_pending();
    if (holds_this_process(it->path() / place)) return it->path().string().substr(root.path.size());
  }
  return {};
}

}  // namespace tocsin
