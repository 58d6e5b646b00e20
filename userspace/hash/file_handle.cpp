// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/file_handle.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "hash/file_systems.hpp"

namespace tocsin {
namespace {

// The layouts of the kernel's encode_fh of each file system.
constexpr int kInode32Generation = 1;        // FILEID_INO32_GEN: ext4
constexpr int kXfsInode64Generation = 0x81;  // with XFS_FILEID_TYPE_64FLAG
constexpr int kTmpfs = 1;                    // generation, inode low, inode high
constexpr std::size_t kHandleBytesMax = 16;

struct Handle {
  alignas(file_handle) unsigned char memory[sizeof(file_handle) + kHandleBytesMax] = {};
  [[nodiscard]] file_handle* get() { return reinterpret_cast<file_handle*>(memory); }
  void set_type(int type) { get()->handle_type = type; }
  template <typename T>
  void append(T value) {
    std::memcpy(memory + offsetof(file_handle, f_handle) + get()->handle_bytes, &value,
                sizeof value);
    get()->handle_bytes += static_cast<unsigned>(sizeof value);
  }
};

}  // namespace

bool has_file_handle(const FileIdentity& file) {
  return file.ino != 0 && (file.fs_magic == fs_magic::kExt4 || file.fs_magic == fs_magic::kXfs ||
                           file.fs_magic == fs_magic::kTmpfs);
}

Fd open_by_handle(int mount_dir, const FileIdentity& file) {
  Handle handle;
  const auto ino_low = static_cast<std::uint32_t>(file.ino);
  switch (file.fs_magic) {
    case fs_magic::kExt4:
      handle.set_type(kInode32Generation);
      handle.append(ino_low);
      handle.append(file.generation);
      break;
    case fs_magic::kXfs:
      handle.set_type(kXfsInode64Generation);
      handle.append(file.ino);
      handle.append(file.generation);
      break;
    case fs_magic::kTmpfs:
      handle.set_type(kTmpfs);
      handle.append(file.generation);
      handle.append(ino_low);
      handle.append(static_cast<std::uint32_t>(file.ino >> 32));
      break;
    default:
      errno = EOPNOTSUPP;
      return {};
  }
  return Fd(open_by_handle_at(mount_dir, handle.get(), O_PATH | O_CLOEXEC));
}

}  // namespace tocsin
