// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/scan_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "hash/hash_result.hpp"

namespace tocsin {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};
using Dir = std::unique_ptr<DIR, CloseDir>;

// Files there are not content: reading may block for ever or never end.
bool is_pseudo(std::uint64_t magic) {
  switch (magic) {
    case 0x9FA0:      // proc
    case 0x62656572:  // sysfs
    case 0x64626720:  // debugfs
    case 0x74726163:  // tracefs
    case 0x73636673:  // securityfs
    case 0xF97CFF8C:  // selinuxfs
    case 0x27E0EB:    // cgroup
    case 0x63677270:  // cgroup2
    case 0xCAFE4A11:  // bpf
    case 0x62656570:  // configfs
    case 0x1CD1:      // devpts
    case 0x19800202:  // mqueue
    case 0x6165676C:  // pstore
    case 0xDE5E81E4:  // efivarfs
    case 0x42494E4D:  // binfmt_misc
    case 0x65735543:  // fusectl
    case 0x6E736673:  // nsfs
      return true;
    default:
      return false;
  }
}

ErrorCode code_of(HashMiss miss) {
  return miss == HashMiss::kTooLarge ? ErrorCode::kLimit : ErrorCode::kIo;
}

// Not changing the access time leaves the traces of others alone; only the owner and root may ask.
Fd open_quietly(int dir, const char* name, int flags) {
  flags |= O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  Fd fd(openat(dir, name, flags | O_NOATIME));
  return fd || errno != EPERM ? std::move(fd) : Fd(openat(dir, name, flags));
}

class Scan {
 public:
  Scan(const ScanOptions& options, FileDigester digester)
      : options_(options), digester_(std::move(digester)) {}

  void file(Fd fd, const std::string& path);
  void count(const struct stat& st);
  void tree(Fd root, std::string path);
  [[nodiscard]] const ScanProgress& progress() const { return progress_; }

 private:
  struct Level {
    Dir dir;
    std::size_t path_bytes;  // of path_ when in this folder
    dev_t dev;
  };

  void enter(Fd fd);
  void entry(int dir, const char* name);
  void error(const Error& error);
  void failed(int errno_value) { error(fail_errno("open", errno_value).error()); }
  void told() {
    if (options_.on_progress) options_.on_progress(progress_);
  }

  const ScanOptions& options_;
  FileDigester digester_;
  ScanProgress progress_;
  std::string path_;  // of what is looked at now
  std::vector<Level> levels_;
};

void Scan::error(const Error& error) {
  ++progress_.errors;
  if (options_.on_error) options_.on_error(path_, error);
  told();
}

void Scan::file(Fd fd, const std::string& path) {
  path_ = path;
  DigestOptions how;
  how.needs = options_.needs;
  how.max_bytes = options_.max_bytes;
  how.stop = options_.stop;
  const auto read = digester_.digest(fd.get(), how);
  progress_.bytes += read.bytes_read;
  progress_.stopped = progress_.stopped || read.stopped;
  if (read.stopped) return;
  if (!read.digests) return error({code_of(read.miss), std::string(read.detail)});
  ++progress_.files;
  if (options_.on_file) options_.on_file({path, read.file.size, *read.digests});
  told();
}

void Scan::count(const struct stat& st) {
  ++progress_.files;
  progress_.bytes += static_cast<std::uint64_t>(st.st_size);
}

void Scan::enter(Fd fd) {
  struct stat st {};
  struct statfs fs {};
  if (fstat(fd.get(), &st) != 0) return failed(errno);
  const bool other_mount = levels_.empty() || levels_.back().dev != st.st_dev;
  if (other_mount && fstatfs(fd.get(), &fs) == 0 &&
      is_pseudo(static_cast<std::uint32_t>(fs.f_type))) {
    ++progress_.pseudo;
    return;
  }
  if (levels_.size() >= kScanDepthMax)
    return error({ErrorCode::kLimit, "folders this deep are not entered"});
  Dir dir(fdopendir(fd.get()));
  if (dir == nullptr) return failed(errno);
  static_cast<void>(fd.release());  // closedir closes it
  ++progress_.directories;
  levels_.push_back({std::move(dir), path_.size(), st.st_dev});
  told();
}

// Looked at by lstat first: a device or a pipe is not even opened.
void Scan::entry(int dir, const char* name) {
  struct stat st {};
  if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return failed(errno);
  if (S_ISDIR(st.st_mode)) {
    Fd fd = open_quietly(dir, name, O_DIRECTORY | O_NOFOLLOW);
    return fd ? enter(std::move(fd)) : failed(errno);
  }
  if (!S_ISREG(st.st_mode)) {
    ++progress_.not_regular;
    return;
  }
  if (options_.count_only) return count(st);
  Fd fd = open_quietly(dir, name, O_NOFOLLOW);
  return fd ? file(std::move(fd), path_) : failed(errno);
}

void Scan::tree(Fd root, std::string path) {
  path_ = std::move(path);
  enter(std::move(root));
  while (!levels_.empty()) {
    if (options_.stop.stop_requested()) {
      progress_.stopped = true;
      return;
    }
    auto& level = levels_.back();
    path_.resize(level.path_bytes);
    errno = 0;
    const dirent* found = readdir(level.dir.get());
    if (found == nullptr) {
      if (errno != 0) failed(errno);
      levels_.pop_back();
      continue;
    }
    const std::string_view name = found->d_name;
    if (name == "." || name == "..") continue;
    if (!path_.ends_with('/')) path_ += '/';
    path_ += name;
    entry(dirfd(level.dir.get()), found->d_name);
  }
}

}  // namespace

Result<ScanProgress> scan_tree(const std::string& path, const ScanOptions& options) {
  TOCSIN_TRY(auto digester, FileDigester::create());
  struct stat st {};
  if (stat(path.c_str(), &st) != 0) return fail_errno(path, errno);
  if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
    return fail(ErrorCode::kInvalidInput, path + ": neither a regular file nor a folder");
  Fd fd = open_quietly(AT_FDCWD, path.c_str(), 0);
  if (!fd) return fail_errno(path, errno);
  Scan scan(options, std::move(digester));
  if (options.count_only && S_ISREG(st.st_mode)) {
    scan.count(st);
    return scan.progress();
  }
  if (S_ISDIR(st.st_mode)) {
    scan.tree(std::move(fd), path);
  } else {
    scan.file(std::move(fd), path);
  }
  return scan.progress();
}

}  // namespace tocsin
