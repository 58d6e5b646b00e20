// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

struct inotify_event;

namespace tocsin {

// Tells when files in the folders of sets have changed and rest again: kQuietNs after the last
// change, and not while somebody is still writing one, up to kWriterPatienceNs. Folders that appear
// later, or are replaced, are found by look_again(). Loop's thread only.
class IndicatorWatch {
 public:
  static constexpr std::uint64_t kQuietUs = 200'000;
  // A writer that keeps a file open this long after its last byte is not waited for.
  static constexpr BootNs kWriterPatienceNs = 10 * BootNs{1'000'000'000};

  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    std::function<void()> on_change;
  };
  static Result<std::unique_ptr<IndicatorWatch>> start(Parts parts,
                                                       std::vector<std::filesystem::path> folders);

  // Now and then: are the folders still those that are watched?
  void look_again();
  // What has happened up to now is known already: a change of our own that was read back.
  void forget_past();
  // Folders of which changes are not noticed, for the log and the status.
  [[nodiscard]] std::vector<std::string> blind() const;

 private:
  struct Folder {
    std::filesystem::path path;
    int watch = -1;
    dev_t device = 0;
    ino_t inode = 0;
    std::string fault;  // why it is not watched; "" also when it just is not there
  };
  explicit IndicatorWatch(Parts parts) : parts_(std::move(parts)) {}
  void watch(Folder& folder);
  void read_changes();
  void take(const inotify_event& event, const std::string& name);
  void settle();

  Parts parts_;
  Fd inotify_;
  std::vector<Folder> folders_;
  std::map<std::pair<int, std::string>, BootNs> being_written_;  // last byte
  bool changed_ = false;
  EventLoop::Source source_, timer_;
};

}  // namespace tocsin
