// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>

#include "base/fd.hpp"
#include "hash/hash_request.hpp"
#include "hash/hash_result.hpp"
#include "hash/root_cache.hpp"

namespace tocsin {

// A file found, pinned by an O_PATH descriptor, or why not.
struct FoundFile {
  Fd fd;
  HashRung rung = HashRung::kNone;
  FileIdentity file;            // what reading it must find: the event's, or the script's as pinned
  bool unlinked_since = false;  // IdentityVerdict::kUnlinkedSince
  HashMiss miss = HashMiss::kNone;
  std::string detail;
  FoundScript script;
  // Set instead of fd when following the path may have to wait for a disk or a server: to be done
  // by find_by_path() on a thread that may wait.
  std::shared_ptr<const Fd> later_root;
  std::string later_path;
};

// The ladder of ways to the very file that ran. State thread, and at once after the event: it is a
// race against the file's removal, won by pinning the inode. Never blocks: no file is opened but by
// O_PATH, no path is followed that is not in the kernel's cache, no server is asked for attributes.
class FileOpener {
 public:
  // Kernels before 5.12 cannot be told to follow cached paths only; there (or when told so) mounts
  // below the root count as possibly slow.
  enum class CachedLookup : std::uint8_t { kProbe, kAbsent };

  explicit FileOpener(RootCache& roots, CachedLookup lookup = CachedLookup::kProbe);

  [[nodiscard]] FoundFile find(const HashRequest& request);

 private:
  // What the rungs that failed had to say.
  struct Trail {
    bool replaced = false;
    bool refused = false;
    std::string detail;
    void note(HashRung rung, std::string_view what);
    void note_errno(HashRung rung, std::string_view what, int errno_value);
    [[nodiscard]] HashMiss miss() const;
  };

  FoundFile find_executable(const HashRequest& request);
  FoundFile find_script(const HashRequest& request);
  bool try_process(const HashRequest& request, FoundFile& out, Trail& trail) const;
  bool try_path(const HashRequest& request, FoundFile& out, Trail& trail);
  bool try_handle(const HashRequest& request, FoundFile& out, Trail& trail) const;
  [[nodiscard]] Fd directory_of_same_fs(const HashRequest& request, const Fd* root) const;

  RootCache& roots_;
  std::uint64_t resolve_quickly_;
};

// The rest of FileOpener::find() for later_root and later_path. May block.
FoundFile find_by_path(const HashRequest& request, const Fd& root, const std::string& path);

}  // namespace tocsin
