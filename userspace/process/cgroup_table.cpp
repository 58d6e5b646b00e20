// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/cgroup_table.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/limits.hpp"

namespace tocsin {
namespace {

// FILEID_KERNFS of the kernel's exportfs: a handle that is just the 64-bit node id.
constexpr int kKernfsHandleType = 0xfe;

}  // namespace

CgroupTable::CgroupTable(std::string mount, std::string namespace_root)
    : mount_(std::move(mount)), namespace_root_(std::move(namespace_root)) {
  if (!mount_.empty()) mount_fd_.reset(open(mount_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

void CgroupTable::scan() {
  if (!mount_fd_) return;
  struct stat st {};
  if (fstat(mount_fd_.get(), &st) == 0) remember(st.st_ino, "/");
  std::error_code ec;
  namespace fs = std::filesystem;
  for (fs::recursive_directory_iterator it(mount_, fs::directory_options::skip_permission_denied,
                                           ec);
       !ec && it != fs::recursive_directory_iterator(); it.increment(ec)) {
    if (!it->is_directory(ec) || ec) continue;
    if (stat(it->path().c_str(), &st) == 0)
      remember(st.st_ino, it->path().string().substr(mount_.size()));
  }
}

void CgroupTable::on_created(std::uint64_t id, std::string path) {
  remember(id, std::move(path));
}

const std::string& CgroupTable::path_of(std::uint64_t id) {
  static const std::string kUnknown;
  if (id == 0) return kUnknown;
  const auto it = paths_.find(id);
  if (it != paths_.end()) return it->second;
  remember(id, ask_kernel(id));  // an empty answer is remembered too: asked once
  return paths_[id];
}

std::uint64_t CgroupTable::id_of(const std::string& path) const {
  struct stat st {};
  if (!mount_fd_ || path.empty() || path[0] != '/') return 0;
  // What lies beside this process's namespace is told as "/../name".
  const auto whole = std::filesystem::path(namespace_root_ + path).lexically_normal();
  const auto relative = whole == "/" ? std::filesystem::path(".") : whole.relative_path();
  return fstatat(mount_fd_.get(), relative.c_str(), &st, 0) == 0 ? st.st_ino : 0;
}

std::string CgroupTable::ask_kernel(std::uint64_t id) const {
  if (!mount_fd_) return {};
  alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + sizeof id> buffer{};
  auto* handle = reinterpret_cast<file_handle*>(buffer.data());
  handle->handle_bytes = sizeof id;
  handle->handle_type = kKernfsHandleType;
  std::memcpy(buffer.data() + offsetof(file_handle, f_handle), &id, sizeof id);
  const Fd group(open_by_handle_at(mount_fd_.get(), handle, O_PATH | O_CLOEXEC));
  if (!group) return {};
  std::error_code ec;
  const auto link = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", group.get()), ec);
  if (ec || !link.string().starts_with(mount_)) return {};
  const auto path = link.string().substr(mount_.size());
  return path.empty() ? "/" : path;
}

void CgroupTable::remember(std::uint64_t id, std::string path) {
  const auto [it, added] = paths_.insert_or_assign(id, std::move(path));
  if (!added) return;
  order_.push_back(id);
  if (order_.size() > limits::kCgroupsMax) {
    paths_.erase(order_.front());
    order_.pop_front();
  }
}

}  // namespace tocsin
