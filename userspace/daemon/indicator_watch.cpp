// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/indicator_watch.hpp"

#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace tocsin {
namespace {

constexpr std::uint32_t kChanges = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO |
                                   IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;

// Temporary files of editors and of our own are hidden; "..data" is the link that Kubernetes swaps.
bool matters(const std::string& name) {
  return !name.starts_with('.') || name.starts_with("..");
}

// A link is whole at once; a fresh file is whole when its writer closes it.
bool is_whole(const std::filesystem::path& file) {
  struct stat st {};
  return lstat(file.c_str(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1;
}

}  // namespace

Result<std::unique_ptr<IndicatorWatch>> IndicatorWatch::start(
    Parts parts, std::vector<std::filesystem::path> folders) {
  std::unique_ptr<IndicatorWatch> out(new IndicatorWatch(std::move(parts)));
  auto* raw = out.get();
  out->inotify_.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!out->inotify_) return fail_errno("watching the indicator folders", errno);
  for (auto& path : folders) {
    Folder folder;
    folder.path = std::move(path);
    out->watch(folder);
    out->folders_.push_back(std::move(folder));
  }
  TOCSIN_TRY(out->timer_, out->parts_.loop.add_timer(UINT64_MAX, [raw] { raw->settle(); }));
  TOCSIN_TRY(out->source_,
             out->parts_.loop.watch_fd(out->inotify_.get(), EPOLLIN,
                                       [raw](std::uint32_t) { raw->read_changes(); }));
  return out;
}

void IndicatorWatch::watch(Folder& folder) {
  folder.fault.clear();
  struct stat st {};
  if (stat(folder.path.c_str(), &st) != 0) {
    folder.watch = -1;
    folder.inode = 0;
    return;
  }
  folder.device = st.st_dev;
  folder.inode = st.st_ino;
  folder.watch = inotify_add_watch(inotify_.get(), folder.path.c_str(), kChanges);
  // A file in the place of a folder is watched through its own folder.
  if (folder.watch < 0 && errno != ENOTDIR) folder.fault = std::generic_category().message(errno);
}

void IndicatorWatch::look_again() {
  for (auto& folder : folders_) {
    struct stat st {};
    const bool there = stat(folder.path.c_str(), &st) == 0;
    const bool same =
        there ? st.st_ino == folder.inode && st.st_dev == folder.device : folder.inode == 0;
    if (same && (folder.watch >= 0 || !there)) continue;
    const bool news = !same;
    if (folder.watch >= 0) inotify_rm_watch(inotify_.get(), folder.watch);
    watch(folder);
    if (!news) continue;
    changed_ = true;
    timer_.rearm_us(kQuietUs);
  }
}

void IndicatorWatch::read_changes() {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  for (;;) {
    const auto got = read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const auto* name = buffer.data() + at + sizeof event;
      take(event, {name, strnlen(name, event.len)});
      at += sizeof event + event.len;
    }
  }
  if (changed_) timer_.rearm_us(kQuietUs);
}

void IndicatorWatch::take(const inotify_event& event, const std::string& name) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    changed_ = true;  // something was missed: everything is read again
    being_written_.clear();
    return;
  }
  const auto folder = std::ranges::find(folders_, event.wd, &Folder::watch);
  if (folder == folders_.end()) return;
  if ((event.mask & IN_IGNORED) != 0) {  // the folder itself went; look_again() finds the next one
    folder->watch = -1;
    folder->inode = 0;
    changed_ = true;
    return;
  }
  if (!matters(name)) return;
  const auto key = std::pair(event.wd, name);
  changed_ = true;
  const bool begun = (event.mask & IN_CREATE) != 0 && !is_whole(folder->path / name);
  if (begun || (event.mask & IN_MODIFY) != 0)
    being_written_[key] = parts_.clock.boot_ns();
  else if ((event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)) != 0)
    being_written_.erase(key);
}

void IndicatorWatch::settle() {
  if (!changed_) return;
  const auto now = parts_.clock.boot_ns();
  std::erase_if(being_written_,
                [&](const auto& writer) { return writer.second + kWriterPatienceNs < now; });
  if (!being_written_.empty()) return timer_.rearm_us(kQuietUs);
  changed_ = false;
  parts_.on_change();
}

void IndicatorWatch::forget_past() {
  read_changes();
  if (!being_written_.empty()) return;  // somebody else's change is on its way
  changed_ = false;
}

std::vector<std::string> IndicatorWatch::blind() const {
  std::vector<std::string> out;
  for (const auto& folder : folders_)
    if (!folder.fault.empty()) out.push_back(folder.path.string() + ": " + folder.fault);
  return out;
}

}  // namespace tocsin
