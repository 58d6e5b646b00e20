// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/file_opener.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

#include "base/text.hpp"
#include "hash/file_handle.hpp"
#include "hash/file_identity_check.hpp"
#include "hash/process_dir.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kDetailPathBytesMax = 256;
// Folders above a vanished file that are tried as a way to its file system.
constexpr int kParentsTried = 4;

// An absolute link or ".." inside a container stays inside it, and no /proc link leads out.
constexpr std::uint64_t kResolveInside = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

Fd open_inside(const Fd& root, const std::string& path, std::uint64_t flags,
               std::uint64_t resolve) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC | flags;
  how.resolve = kResolveInside | resolve;
  return Fd(static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
}

bool is_gone(int errno_value) {
  return errno_value == ENOENT || errno_value == ENOTDIR || errno_value == ESRCH ||
         errno_value == ESTALE;
}

// Would following the path wait? EAGAIN: not all of it is cached; EXDEV: another mount begins.
bool is_slow(int errno_value) {
  return errno_value == EAGAIN || errno_value == EXDEV;
}

std::string errno_text(int errno_value) {
  return std::generic_category().message(errno_value);
}

std::string script_path(const HashRequest& request) {
  if (request.path.empty() || request.path.front() == '/') return request.path;
  if (request.cwd.empty()) return {};
  return request.cwd + '/' + request.path;
}

// Links followed; empty when the kernel does not tell. Never blocks: the name is in its cache.
std::string path_behind(const Fd& fd) {
  std::array<char, PATH_MAX> path{};
  const auto link = "/proc/self/fd/" + std::to_string(fd.get());
  const auto length = ::readlink(link.c_str(), path.data(), path.size());
  if (length <= 0 || path[0] != '/') return {};
  return {path.data(), static_cast<std::size_t>(length)};
}

// A script has no identity in the event; it is believed when nothing about it changed since.
void take_script(Fd fd, const HashRequest& request, FoundFile& out) {
  const auto now = stat_fd(fd.get(), StatSync::kCached);
  if (!now) {
    out.miss = HashMiss::kUnreadable;
    out.detail = now.error().message;
  } else if (!S_ISREG(now->file.mode)) {
    out.miss = HashMiss::kNotRegular;
    out.detail = "no regular file stands at the script's path";
  } else if (now->file.ctime_ns > request.exec_time_ns ||
             now->file.mtime_ns > request.exec_time_ns) {
    out.miss = HashMiss::kReplaced;
    out.detail = "what stands at the script's path was changed after the execution";
  } else {
    out.rung = HashRung::kScriptPath;
    out.file = now->file;
    out.script = {path_behind(fd), now->file.dev, now->file.ctime_ns};
    out.fd = std::move(fd);
  }
}

// The rung's descriptor, if it is the file of the event. Otherwise says what differs.
std::string_view take_executable(Fd fd, const FileIdentity& event, HashRung rung, FoundFile& out) {
  const auto now = stat_fd(fd.get(), StatSync::kCached);
  if (!now) return "state";
  const auto check = check_identity(event, *now);
  if (check.verdict != IdentityVerdict::kSame && check.verdict != IdentityVerdict::kUnlinkedSince)
    return check.differs;
  out.unlinked_since = check.verdict == IdentityVerdict::kUnlinkedSince;
  out.rung = rung;
  out.file = event;
  out.fd = std::move(fd);
  return {};
}

std::string other_file(std::string_view differs) {
  return "another file stands there (its " + std::string(differs) + " differs)";
}

}  // namespace

void FileOpener::Trail::note(HashRung rung, std::string_view what) {
  if (!detail.empty()) detail += "; ";
  detail.append(to_string(rung)).append(": ").append(what);
}

void FileOpener::Trail::note_errno(HashRung rung, std::string_view what, int errno_value) {
  if (!is_gone(errno_value)) refused = true;
  note(rung, std::string(what) + ": " + errno_text(errno_value));
}

HashMiss FileOpener::Trail::miss() const {
  if (replaced) return HashMiss::kReplaced;
  return refused ? HashMiss::kUnreadable : HashMiss::kGone;
}

FileOpener::FileOpener(RootCache& roots, CachedLookup lookup)
    : roots_(roots), resolve_quickly_(RESOLVE_CACHED) {
  if (roots.own() == nullptr) return;
  const Fd probe = open_inside(*roots.own(), "/", O_DIRECTORY, RESOLVE_CACHED);
  if (lookup == CachedLookup::kAbsent || (!probe && errno == EINVAL))
    resolve_quickly_ = RESOLVE_NO_XDEV;
}

FoundFile FileOpener::find(const HashRequest& request) {
  return request.is_script() ? find_script(request) : find_executable(request);
}

FoundFile FileOpener::find_executable(const HashRequest& request) {
  FoundFile out;
  Trail trail;
  const bool runs = request.kind == HashRequest::Kind::kExecutable;
  if ((runs && try_process(request, out, trail)) || try_path(request, out, trail) ||
      try_handle(request, out, trail)) {
    out.later_root.reset();
    return out;
  }
  if (out.later_root == nullptr) out.miss = trail.miss();
  out.detail = std::move(trail.detail);
  return out;
}

bool FileOpener::try_process(const HashRequest& request, FoundFile& out, Trail& trail) const {
  // The start time does not matter here: the identity of the file decides.
  const auto process = ProcessDir::open({request.process.pid, 0});
  Fd exe = process ? process->exe() : Fd();
  if (!exe) {
    const int error = process ? errno : ESRCH;
    trail.note_errno(HashRung::kProcExe, "process " + std::to_string(request.process.pid), error);
    return false;
  }
  const auto differs = take_executable(std::move(exe), request.file, HashRung::kProcExe, out);
  if (differs.empty()) return true;
  // No hint that the file itself was replaced: a process may have gone on to run another one.
  trail.note(HashRung::kProcExe,
             "the process runs another file (" + std::string(differs) + " differs)");
  return false;
}

bool FileOpener::try_path(const HashRequest& request, FoundFile& out, Trail& trail) {
  if (request.path.empty() || request.path.front() != '/') {
    trail.note(HashRung::kRootPath, "the event has no path");
    return false;
  }
  auto root = roots_.find(request.root, request.process, request.same_mnt_ns_pids);
  if (root == nullptr) {
    trail.note(HashRung::kRootPath, "no living process leads into its mount namespace");
    return false;
  }
  Fd fd = open_inside(*root, request.path, 0, resolve_quickly_);
  const int error = errno;
  const auto shown = printable(request.path, kDetailPathBytesMax);
  if (!fd && is_slow(error)) {
    out.later_root = std::move(root);
    out.later_path = request.path;
    trail.note(HashRung::kRootPath, shown + ": not in the kernel's cache");
    return false;
  }
  if (!fd) {
    trail.note_errno(HashRung::kRootPath, shown, error);
    return false;
  }
  const auto differs = take_executable(std::move(fd), request.file, HashRung::kRootPath, out);
  if (differs.empty()) return true;
  trail.replaced = true;
  trail.note(HashRung::kRootPath, shown + ": " + other_file(differs));
  return false;
}

// Any directory of the file's own file system, opened for reading as open_by_handle_at wants it. It
// is not kept: an open directory makes its mount busy.
Fd FileOpener::directory_of_same_fs(const HashRequest& request, const Fd* root) const {
  const auto reopen = [&](const Fd& dir) -> Fd {
    const auto now = stat_fd(dir.get(), StatSync::kCached);
    if (!now || now->file.dev != request.file.dev) return {};
    return Fd(openat(dir.get(), ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
  };
  std::string path = request.path;
  for (int i = 0; root != nullptr && i < kParentsTried; ++i) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0) break;
    path.resize(slash);
    const Fd parent = open_inside(*root, path, O_DIRECTORY, resolve_quickly_);
    if (!parent) continue;
    if (Fd dir = reopen(parent)) return dir;
  }
  if (root != nullptr) {
    if (Fd dir = reopen(*root)) return dir;
  }
  return roots_.own() != nullptr ? reopen(*roots_.own()) : Fd();
}

bool FileOpener::try_handle(const HashRequest& request, FoundFile& out, Trail& trail) const {
  if (!has_file_handle(request.file)) return false;
  const auto root = roots_.find(request.root, request.process, request.same_mnt_ns_pids);
  const Fd dir = directory_of_same_fs(request, root.get());
  if (!dir) {
    trail.note(HashRung::kFileHandle, "no folder of its file system at hand");
    return false;
  }
  Fd fd = open_by_handle(dir.get(), request.file);
  if (!fd) {
    // Not refused in the sense of the result: a daemon without the capability has one rung less.
    trail.note(HashRung::kFileHandle, errno_text(errno));
    return false;
  }
  const auto differs = take_executable(std::move(fd), request.file, HashRung::kFileHandle, out);
  if (differs.empty()) return true;
  // Same inode and generation, so it is the file, and not with the content that ran.
  trail.replaced = true;
  trail.note(HashRung::kFileHandle,
             "the file was changed (its " + std::string(differs) + " differs)");
  return false;
}

FoundFile FileOpener::find_script(const HashRequest& request) {
  FoundFile out;
  const auto path = script_path(request);
  if (path.empty()) {
    out.miss = HashMiss::kUnknownFile;
    out.detail = "the event has no path of the script";
    return out;
  }
  auto root = roots_.find_exact(request.root, request.process, request.same_mnt_ns_pids);
  if (root == nullptr) {
    out.miss = HashMiss::kGone;
    out.detail = "no living process leads into its mount namespace";
    return out;
  }
  Fd fd = open_inside(*root, path, 0, resolve_quickly_);
  if (!fd && is_slow(errno)) {
    out.later_root = std::move(root);
    out.later_path = path;
    return out;
  }
  if (!fd) {
    out.miss = is_gone(errno) ? HashMiss::kGone : HashMiss::kUnreadable;
    out.detail = printable(path, kDetailPathBytesMax) + ": " + errno_text(errno);
    return out;
  }
  take_script(std::move(fd), request, out);
  return out;
}

FoundFile find_by_path(const HashRequest& request, const Fd& root, const std::string& path) {
  FoundFile out;
  Fd fd = open_inside(root, path, 0, 0);
  const auto shown = printable(path, kDetailPathBytesMax);
  if (!fd) {
    out.miss = is_gone(errno) ? HashMiss::kGone : HashMiss::kUnreadable;
    out.detail = shown + ": " + errno_text(errno);
    return out;
  }
  if (request.is_script()) {
    take_script(std::move(fd), request, out);
    return out;
  }
  const auto differs = take_executable(std::move(fd), request.file, HashRung::kRootPath, out);
  if (differs.empty()) return out;
  out.miss = HashMiss::kReplaced;
  out.detail = shown + ": " + other_file(differs);
  return out;
}

}  // namespace tocsin
