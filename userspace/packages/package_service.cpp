// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/package_service.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>

namespace tocsin {
namespace {

// Where the databases live. They are replaced by a rename (dpkg, apk) or written in place (rpm).
constexpr const char* kFolders[] = {
    "var/lib/dpkg",   "var/lib/dpkg/info", "var/lib/dpkg/updates", "lib/apk/db",
    "usr/lib/apk/db", "var/lib/rpm",       "usr/lib/sysimage/rpm", "usr/share/rpm"};
constexpr std::uint32_t kChanges = IN_MOVED_TO | IN_MODIFY | IN_ONLYDIR;
// SQLite's shared memory: reading moves it.
constexpr std::string_view kReadersOwn = "-shm";

// The root's device as the kernel's events name it, which stat does not tell on btrfs: that of what
// is mounted there.
std::uint32_t device_of_root(const std::filesystem::path& root) {
  std::ifstream in("/proc/self/mountinfo");
  std::uint32_t device = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string id, parent, numbers, inside, where;
    fields >> id >> parent >> numbers >> inside >> where;
    unsigned major = 0, minor = 0;
    if (where == root && std::sscanf(numbers.c_str(), "%u:%u", &major, &minor) == 2)
      device = major << 20 | (minor & 0xfffff);
  }
  return device;
}

// Of those managers that lock by a record lock, which can be asked for without taking it.
constexpr const char* kLocks[] = {"var/lib/dpkg/lock", "var/lib/rpm/.rpm.lock",
                                  "usr/lib/sysimage/rpm/.rpm.lock"};

bool is_being_changed(const std::filesystem::path& root) {
  return std::ranges::any_of(kLocks, [&](const char* path) {
    const Fd file(open((root / path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return file && fcntl(file.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  });
}

}  // namespace

Result<std::unique_ptr<PackageService>> PackageService::start(EventLoop& loop, Options options,
                                                              std::function<void()> on_read) {
  std::unique_ptr<PackageService> out(new PackageService(std::move(options), std::move(on_read)));
  struct stat root {};
  if (stat(out->options_.root.c_str(), &root) == 0) out->root_ino_ = root.st_ino;
  out->root_dev_ = device_of_root(out->options_.root);
  TOCSIN_TRY_VOID(out->watch(loop));
  TOCSIN_TRY(out->worker_, Worker::start(loop));
  out->read();
  return out;
}

Result<void> PackageService::watch(EventLoop& loop) {
  inotify_.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify_) return fail_errno("watching the package databases", errno);
  for (const auto* folder : kFolders)  // most of them are not there
    inotify_add_watch(inotify_.get(), (options_.root / folder).c_str(), kChanges);
  TOCSIN_TRY(timer_, loop.add_timer(UINT64_MAX, [this] { read(); }));
  TOCSIN_TRY(source_,
             loop.watch_fd(inotify_.get(), EPOLLIN, [this](std::uint32_t) { take_changes(); }));
  return {};
}

void PackageService::take_changes() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  for (;;) {
    const auto got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const std::string_view name(event.len > 0 ? buffer.data() + at + sizeof event : "");
      at += sizeof event + event.len;
      if (name.ends_with(kReadersOwn)) continue;
      ++changes_;
      timer_.rearm_us(options_.quiet_us);
    }
  }
}

void PackageService::read() {
  worker_->submit([this, root = options_.root, changes = changes_] {
    const auto start = std::chrono::steady_clock::now();
    auto reading = read_packages(root);
    const auto took = std::chrono::steady_clock::now() - start;
    malloc_trim(0);  // the texts of the databases are many times what is kept of them
    return [this, changes, took, reading = std::move(reading)]() mutable {
      reading_ = std::move(reading);
      changes_read_ = changes;
      read_ns_ = static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count());
      on_read_();
    };
  });
}

bool PackageService::speaks_for(const RootIdentity& root) const {
  return root_ino_ != 0 && root.root_ino == root_ino_ && root.root_dev == root_dev_;
}

bool PackageService::is_own_file(const std::string& path, const FileIdentity& file) const {
  struct stat now {};
  if (lstat((options_.root / path.substr(1)).c_str(), &now) != 0) return false;
  const auto ctime = std::int64_t{now.st_ctim.tv_sec} * 1'000'000'000 + now.st_ctim.tv_nsec;
  return now.st_ino == file.ino && static_cast<std::uint64_t>(now.st_size) == file.size &&
         ctime == file.ctime_ns;
}

std::optional<PackageOwner> PackageService::owner_of(std::string_view path) const {
  if (reading_.index == nullptr) return std::nullopt;
  return reading_.index->owner_of(path);
}

std::optional<bool> PackageService::intact(const PackageOwner& owner,
                                           const FileDigests& digests) const {
  const auto same = reading_.index->intact(owner, digests);
  if (same == false && (changes_ != changes_read_ || is_being_changed(options_.root)))
    return std::nullopt;
  return same;
}

}  // namespace tocsin
