// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What hashing costs: fresh binaries (find, open, read, hash, verify), known ones, and the share
// that SHA-256 itself has in it, measured over memory in the same run. Files are in the page cache.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "hash/file_identity_check.hpp"
#include "hash/hash_cache_file.hpp"
#include "hash/hash_service.hpp"

using namespace tocsin;

namespace {

constexpr int kRounds = 5;

double now_us() {
  return std::chrono::duration<double, std::micro>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// CPU time, so that the figures hold on a busy machine too.
double cpu_us(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}
double process_us() {
  return cpu_us(CLOCK_PROCESS_CPUTIME_ID);
}
double thread_us() {
  return cpu_us(CLOCK_THREAD_CPUTIME_ID);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "bench_hash: %s\n", why.c_str());
  std::exit(1);
}

// A folder of distinct files of one size, removed at the end.
class Files {
 public:
  Files(std::size_t count, std::size_t size) {
    std::string pattern = "/tmp/tocsin_bench.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) die("mkdtemp");
    folder_ = pattern;
    std::mt19937_64 rng(size);
    std::vector<std::uint64_t> content(size / sizeof(std::uint64_t));
    for (auto& word : content) word = rng();
    for (std::size_t i = 0; i < count; ++i) {
      content[0] = i;
      paths_.push_back(folder_ / std::to_string(i));
      std::ofstream(paths_.back(), std::ios::binary)
          .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(size));
    }
    // Past the clock tick in which identities are doubted.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }

 private:
  std::filesystem::path folder_;
  std::vector<std::string> paths_;
};

HashRequest executed(const std::string& path) {
  const int fd = open(path.c_str(), O_PATH | O_CLOEXEC);
  const int root = open("/", O_PATH | O_CLOEXEC);
  const int ns = open("/proc/self/ns/mnt", O_PATH | O_CLOEXEC);
  const auto file = stat_fd(fd, StatSync::kFull), root_stat = stat_fd(root, StatSync::kFull),
             ns_stat = stat_fd(ns, StatSync::kFull);
  struct statfs fs {};
  if (!file || !root_stat || !ns_stat || fstatfs(fd, &fs) != 0) die("cannot stat " + path);
  for (const int open_fd : {fd, root, ns}) close(open_fd);
  HashRequest request;
  request.file = file->file;
  request.file.fs_magic = static_cast<std::uint32_t>(fs.f_type);
  request.path = path;
  request.root.mnt_ns = static_cast<std::uint32_t>(ns_stat->file.ino);
  request.root.mnt_ns_id = ns_stat->file.ino;
  request.root.root_ino = root_stat->file.ino;
  request.root.root_dev = root_stat->file.dev;
  request.process = {1u << 30, 0};  // gone, as after a short run
  request.exec_time_ns = SystemClock().wall_ns();
  return request;
}

std::unique_ptr<HashService> service() {
  auto made = HashService::create({});
  if (!made) die(made.error().message);
  return std::move(*made);
}

void drain_all(HashService& hashes, std::size_t count) {
  while (count > 0) {
    pollfd ready{hashes.fd(), POLLIN, 0};
    poll(&ready, 1, 1000);
    hashes.drain([&count](std::uint64_t, HashResult result) {
      if (!result.digests) die("missed: " + result.detail);
      --count;
    });
  }
}

// One core's SHA-256 over memory, microseconds per piece of this size.
double raw_sha256_us(std::size_t size) {
  std::vector<unsigned char> bytes(size, 0x5a);
  unsigned char out[EVP_MAX_MD_SIZE];
  EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const std::size_t repeat = std::max<std::size_t>(1, (64u << 20) / size);
  const double start = thread_us();
  for (std::size_t i = 0; i < repeat; ++i) {
    EVP_DigestInit_ex2(context, md, nullptr);
    EVP_DigestUpdate(context, bytes.data(), bytes.size());
    EVP_DigestFinal_ex(context, out, nullptr);
  }
  const double us = (thread_us() - start) / static_cast<double>(repeat);
  EVP_MD_CTX_free(context);
  EVP_MD_free(md);
  return us;
}

void bench_fresh(std::size_t size, std::size_t count) {
  const Files files(count, size);
  std::vector<HashRequest> requests;
  for (const auto& path : files.paths()) requests.push_back(executed(path));
  std::vector<double> cpu, wall, latency, submit, raw;
  for (int round = 0; round < kRounds; ++round) {
    raw.push_back(raw_sha256_us(size));
    const auto hashes = service();
    const double cpu_start = process_us(), own_start = thread_us(), start = now_us();
    for (const auto& request : requests) hashes->submit(request);
    submit.push_back((thread_us() - own_start) / static_cast<double>(count));
    drain_all(*hashes, count);
    wall.push_back((now_us() - start) / static_cast<double>(count));
    cpu.push_back((process_us() - cpu_start) / static_cast<double>(count));

    const auto one_by_one = service();
    for (std::size_t i = 0; i < std::min<std::size_t>(count, 100); ++i) {
      const double begin = now_us();
      one_by_one->submit(requests[i]);
      drain_all(*one_by_one, 1);
      latency.push_back(now_us() - begin);
    }
  }
  fmt::print(
      "fresh {:>4} KiB: {:7.1f} us CPU, {:7.1f} us wall per file in a queue of {}; one alone "
      "{:7.1f} us until its digest; submit {:.1f} us CPU; SHA-256 alone {:.1f} us CPU: ratio "
      "{:.2f}\n",
      size / 1024, median(cpu), median(wall), count, median(latency), median(submit), median(raw),
      median(cpu) / median(raw));
}

void bench_known() {
  constexpr std::size_t kFiles = 1'000;
  constexpr std::size_t kRepeat = 200;
  const Files files(kFiles, 4096);
  std::vector<HashRequest> requests;
  const auto hashes = service();
  for (const auto& path : files.paths()) requests.push_back(executed(path));
  for (const auto& request : requests) hashes->submit(request);
  drain_all(*hashes, kFiles);
  std::vector<double> find, submit;
  for (int round = 0; round < kRounds; ++round) {
    double start = thread_us();
    for (std::size_t i = 0; i < kRepeat; ++i)
      for (const auto& request : requests)
        if (hashes->cache().find(HashKey::of_event(request.file, request.root), {}) == nullptr)
          die("not cached");
    find.push_back((thread_us() - start) * 1000 / (kRepeat * kFiles));
    start = thread_us();
    for (std::size_t i = 0; i < kRepeat; ++i)
      for (const auto& request : requests)
        if (!hashes->submit(request).result) die("not known");
    submit.push_back((thread_us() - start) * 1000 / (kRepeat * kFiles));
  }
  fmt::print("known file (of {}): cache lookup {:.0f} ns, submit {:.0f} ns\n", kFiles, median(find),
             median(submit));
}

void bench_cache_file() {
  HashCache cache;
  std::mt19937_64 rng(1);
  for (std::size_t i = 0; i < limits::kHashCacheEntriesMax; ++i) {
    HashKey key;
    key.ino = rng();
    key.dev = 8u << 20;
    cache.insert(key, {});
  }
  double start = thread_us();
  const auto bytes = encode_hash_cache(cache, {}, 0);
  const double encode_ms = (thread_us() - start) / 1000;
  HashCache loaded;
  start = thread_us();
  if (!decode_hash_cache(bytes, {}, loaded)) die("cannot decode");
  fmt::print("cache file, {} rows, {} KiB: encode {:.1f} ms, decode {:.1f} ms\n", loaded.size(),
             bytes.size() / 1024, encode_ms, (thread_us() - start) / 1000);
}

}  // namespace

int main() {
  bench_fresh(64 * 1024, 1'000);
  bench_fresh(1024 * 1024, 200);
  bench_known();
  bench_cache_file();
}
