// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/worker.hpp"
#include "event/event.hpp"
#include "packages/package_database.hpp"

namespace tocsin {

// Which package owns a path of this host, as its databases say now: read on a thread of its own at
// the start and again after they changed. Loop's thread only.
class PackageService {
 public:
  struct Options {
    std::filesystem::path root = "/";
    std::uint64_t quiet_us = 2'000'000;  // databases are read again when they rested this long
  };

  // on_read: after each reading, also when there was nothing to read.
  static Result<std::unique_ptr<PackageService>> start(EventLoop& loop, Options options,
                                                       std::function<void()> on_read);

  // Whether paths below this root are those that the databases speak of: containers have their own.
  [[nodiscard]] bool speaks_for(const RootIdentity& root) const;
  // Whether the file of an event is the one that this host has at the path: a mount namespace may
  // have another one mounted over it. By inode, size and change time; asks the disk.
  [[nodiscard]] bool is_own_file(const std::string& path, const FileIdentity& file) const;
  [[nodiscard]] std::optional<PackageOwner> owner_of(std::string_view path) const;
  // Whether a path without an owner has none.
  [[nodiscard]] bool complete() const { return reading_.complete(); }
  // Whether the content is what the package brought; nullopt: cannot be said. Nothing is called
  // changed while a package manager (dpkg, rpm) holds its lock or what it wrote is not read yet:
  // then files are newer than what is known about them. apk's lock cannot be asked for.
  [[nodiscard]] std::optional<bool> intact(const PackageOwner& owner,
                                           const FileDigests& digests) const;

  // index is null until the first reading is done.
  [[nodiscard]] const PackageReading& reading() const { return reading_; }
  [[nodiscard]] std::uint64_t read_ns() const { return read_ns_; }  // how long the last one took

 private:
  PackageService(Options options, std::function<void()> on_read)
      : options_(std::move(options)), on_read_(std::move(on_read)) {}
  Result<void> watch(EventLoop& loop);
  void take_changes();
  void read();

  Options options_;
  std::function<void()> on_read_;
  std::uint64_t root_ino_ = 0;
  std::uint32_t root_dev_ = 0;  // in the kernel's encoding
  PackageReading reading_;
  std::uint64_t read_ns_ = 0;
  std::uint64_t changes_ = 0;       // seen
  std::uint64_t changes_read_ = 0;  // of them: before the reading that is in use began
  Fd inotify_;
  EventLoop::Source source_, timer_;
  std::unique_ptr<Worker> worker_;  // last: its jobs end before the rest goes
};

}  // namespace tocsin
