// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_job.hpp"

#include <fcntl.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>

#include "hash/file_identity_check.hpp"
#include "hash/file_systems.hpp"
#include "hash/process_dir.hpp"

namespace tocsin {
namespace {

// From the pin to a descriptor that can be read. Works for inodes without a name as well.
Fd reopen_for_reading(const Fd& pinned) {
  std::array<char, 32> path;
  std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", pinned.get());
  return Fd(open(path.data(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

std::uint64_t magic_of(const Fd& fd) {
  struct statfs fs {};
  // The field is signed on this architecture, and some magics have the highest bit set.
  return fstatfs(fd.get(), &fs) == 0 ? static_cast<std::uint32_t>(fs.f_type) : 0;
}

// Could the content have been exchanged since the execution without a trace in the identity?
std::string trace_hidden_by(const HashJob& job, const DigestOutcome& read) {
  if (read.unlinked_since || job.found.unlinked_since)
    return "a name of the file was removed after it was executed, which hides later changes";
  if (changed_around(read.file, job.request.exec_time_ns))
    return "the file was changed within a clock tick of its execution";
  if (!job.times_tell) return "the file system hides changes made through a mapping";
  return {};
}

// While a process runs a file nobody can open that for writing, so it is what the process began as.
bool runs_it_still(const HashJob& job, const DigestOutcome& read) {
  return job.request.kind == HashRequest::Kind::kExecutable &&
         still_runs(job.request.process, read.file.dev, read.file.ino);
}

std::string doubt_about(const HashJob& job, const DigestOutcome& read, std::uint64_t magic) {
  if (!fs_magic::identity_trusted(magic))
    return "its file system is served by a process or another host, which may show other content";
  auto hidden = trace_hidden_by(job, read);
  if (!hidden.empty() && runs_it_still(job, read)) hidden.clear();
  return hidden;
}

}  // namespace

HashOutcome run_hash_job(HashJob job, FileDigester& digester, std::stop_token stop,
                         std::atomic<std::int64_t>& pulse_ns) {
  const auto start = std::chrono::steady_clock::now();
  const auto start_wall_ns = SystemClock().wall_ns();
  HashOutcome out;
  out.id = job.id;
  const auto done = [&]() -> HashOutcome& {
    out.took_ns = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - start).count());
    return out;
  };
  auto& result = out.result;
  if (job.found.later_root != nullptr)
    job.found = find_by_path(job.request, *job.found.later_root, job.found.later_path);
  result.script = job.found.script;
  if (!job.found.fd) {
    result.miss = job.found.miss;
    result.detail = std::move(job.found.detail);
    return done();
  }
  const Fd fd = reopen_for_reading(job.found.fd);
  if (!fd) {
    result.miss = HashMiss::kUnreadable;
    result.detail = "opening for reading: " + std::generic_category().message(errno);
    return done();
  }

  DigestOptions options;
  options.needs = job.needs;
  options.max_bytes = job.max_bytes;
  options.expected = &job.found.file;
  options.stop = std::move(stop);
  options.pulse_ns = &pulse_ns;
  auto read = digester.digest(fd.get(), options);
  out.bytes_read = read.bytes_read;
  out.file = read.file;
  out.fs_magic = magic_of(fd);
  result.miss = read.miss;
  result.detail = std::move(read.detail);
  if (!read.digests) return done();

  result.digests = read.digests;
  result.rung = job.found.rung;
  result.doubt = doubt_about(job, read, out.fs_magic);
  out.rememberable = result.doubt.empty() && job.times_tell && !read.unlinked_since &&
                     !job.found.unlinked_since && !changed_around(read.file, start_wall_ns);
  return done();
}

}  // namespace tocsin
