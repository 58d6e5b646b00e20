// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

// Generators of real load: execs and connects as fast as the machine can, or paced. Failures throw
// std::runtime_error.
namespace tocsin::bench {

// How long each action took, nanoseconds, from just before it to its end.
struct Timings {
  std::vector<std::uint64_t> ns;
  double wall_s = 0;

  [[nodiscard]] double per_second() const { return static_cast<double>(ns.size()) / wall_s; }
  // p in 0..1; 0 when empty.
  [[nodiscard]] double quantile_us(double p) const;
  void append(const Timings& other);
};

constexpr int kAnyCpu = -1;

// Runs the calling thread on one processor only while it lives; kAnyCpu changes nothing.
class Pinned {
 public:
  explicit Pinned(int cpu);
  ~Pinned();
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  bool active_ = false;
  std::vector<std::byte> before_;
};

// One program started and waited for; after_exec runs between exec and end.
void run_once(const char* path, const std::function<void()>& after_exec = {});

// count times the same program, one after the other, on one processor.
Timings exec_loop(const std::string& path, std::size_t count, int cpu);
// One such loop a processor, at the same time; count is the sum.
Timings exec_all_processors(const std::string& path, std::size_t count);
// Each of the files once.
Timings exec_each(const std::vector<std::string>& paths, int cpu);
// Each of the files once, unlinked as soon as its exec is done. started_at gets CLOCK_BOOTTIME.
Timings exec_and_unlink(const std::vector<std::string>& paths, int cpu);
// At a fixed rate, the start of each exec on time.
Timings exec_paced(const std::function<std::string(std::size_t)>& path, std::size_t count,
                   double per_second);

// count TCP connects to a listener of its own on 127.0.0.1, each closed at once.
Timings connect_loop(std::size_t count, int cpu);

// count copies of a program that differ in their last bytes, as folder/prefixN.
std::vector<std::string> make_distinct(const std::filesystem::path& program,
                                       const std::filesystem::path& folder,
                                       const std::string& prefix, std::size_t count);

}  // namespace tocsin::bench
