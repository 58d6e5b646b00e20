// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/mmap_times_probe.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "hash/file_identity_check.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kProbeBytes = 1;

// Reads first, as whoever wants to stay unseen would: 6.18 moves the times where the write brings
// the page into the mapping, and not where a read did so before.
bool write_through_mapping(int fd) {
  void* page = mmap(nullptr, kProbeBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) return false;
  auto* at = static_cast<volatile char*>(page);
  const volatile char read = *at;  // kept, or the two accesses become one that reads and writes
  *at = static_cast<char>(read + 1);
  munmap(page, kProbeBytes);
  return true;
}

}  // namespace

MmapTimesProbe::MmapTimesProbe() : file_(memfd_create("tocsin-probe", MFD_CLOEXEC)) {
  if (!file_ || ftruncate(file_.get(), kProbeBytes) != 0) {
    answer_ = false;
    return;
  }
  const auto made = stat_fd(file_.get(), StatSync::kFull);
  if (made) {
    made_ctime_ns_ = made->file.ctime_ns;
  } else {
    answer_ = false;
  }
}

bool MmapTimesProbe::memory_files_tell() {
  if (answer_) return *answer_;
  // Within a tick of the making, an unmoved time would mean nothing.
  if (SystemClock().wall_ns() < made_ctime_ns_ + kTickDoubtNs) return false;
  const bool written = write_through_mapping(file_.get());
  const auto now = stat_fd(file_.get(), StatSync::kFull);
  answer_ = written && now && now->file.ctime_ns != made_ctime_ns_;
  file_.reset();
  return *answer_;
}

}  // namespace tocsin
