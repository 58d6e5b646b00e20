// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/hash_fixture.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/fd.hpp"

namespace tocsin::test {
namespace {

std::uint32_t encode(dev_t dev) {
  return static_cast<std::uint32_t>(major(dev) << 20 | (minor(dev) & 0xfffff));
}

std::string proc(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

void reap(pid_t& pid) {
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  pid = -1;
}

}  // namespace

FileIdentity identity_of(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat st {};
  struct statfs fs {};
  if (!fd || fstat(fd.get(), &st) != 0 || fstatfs(fd.get(), &fs) != 0)
    throw std::runtime_error("cannot stat " + path);
  FileIdentity out;
  out.dev = encode(st.st_dev);
  out.ino = st.st_ino;
  out.size = static_cast<std::uint64_t>(st.st_size);
  out.ctime_ns = st.st_ctim.tv_sec * kNsPerSecond + st.st_ctim.tv_nsec;
  out.mtime_ns = st.st_mtim.tv_sec * kNsPerSecond + st.st_mtim.tv_nsec;
  out.nlink = static_cast<std::uint32_t>(st.st_nlink);
  out.mode = st.st_mode;
  out.owner_uid = st.st_uid;
  out.fs_magic = static_cast<std::uint32_t>(fs.f_type);
  long generation = 0;  // the kernel writes an int, whatever the header says
  if (ioctl(fd.get(), FS_IOC_GETVERSION, &generation) == 0)
    out.generation = static_cast<std::uint32_t>(generation);
  return out;
}

RootIdentity root_of_process(pid_t pid) {
  RootIdentity out;
  struct stat ns {
  }, root{};
  if (stat(proc(pid, "ns/mnt").c_str(), &ns) != 0 || stat(proc(pid, "root").c_str(), &root) != 0)
    throw std::runtime_error("cannot look at the process");
  out.mnt_ns = static_cast<std::uint32_t>(ns.st_ino);
  out.mnt_ns_id = ns.st_ino;
  out.root_ino = root.st_ino;
  out.root_dev = encode(root.st_dev);
  return out;
}

ProcessId process_id(pid_t pid) {
  std::ifstream in(proc(pid, "stat"));
  std::stringstream text;
  text << in.rdbuf();
  std::istringstream rest(text.str().substr(text.str().rfind(')') + 1));
  std::string field;
  for (int i = 3; i <= 22; ++i) rest >> field;
  return {static_cast<std::uint32_t>(pid), std::stoull(field) * 10'000'000};
}

void let_clock_tick() {
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

std::string sha256sum(const std::string& path) {
  FILE* pipe = popen(("sha256sum < '" + path + "'").c_str(), "r");
  char digits[65] = {};
  const bool ok = pipe != nullptr && fread(digits, 1, 64, pipe) == 64;
  if (pipe != nullptr) pclose(pipe);
  if (!ok) throw std::runtime_error("sha256sum failed");
  return digits;
}

Running::Running(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  pid_ = fork();
  if (pid_ == 0) {
    execv(program.c_str(), argv.data());
    const char failed = 'x';
    _exit(write(gate[1], &failed, 1) == 1 ? 127 : 126);
  }
  close(gate[1]);
  char c;
  const auto got = read(gate[0], &c, 1);  // the gate closes on exec
  close(gate[0]);
  if (got != 0) throw std::runtime_error("cannot execute " + program);
}

void Running::kill_and_wait() {
  reap(pid_);
}

OwnMounts::OwnMounts(const std::function<bool()>& setup) {
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  pid_ = fork();
  if (pid_ == 0) {
    const char ok = 'y';
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 || !setup() ||
        write(gate[1], &ok, 1) != 1)
      _exit(1);
    for (;;) pause();
  }
  close(gate[1]);
  char c;
  made_ = read(gate[0], &c, 1) == 1;
  close(gate[0]);
}

void OwnMounts::kill_and_wait() {
  reap(pid_);
}

HashRequest executed(const std::string& path) {
  HashRequest request;
  request.file = identity_of(path);
  request.path = path;
  request.root = root_of_process(getpid());
  request.exec_time_ns = SystemClock().wall_ns();
  return request;
}

HashRequest executed_script(const std::string& path, const std::string& cwd) {
  HashRequest request;
  request.kind = HashRequest::Kind::kScript;
  request.path = path;
  request.cwd = cwd;
  request.root = root_of_process(getpid());
  request.exec_time_ns = SystemClock().wall_ns();
  return request;
}

Answered wait_for(HashService& service, std::size_t count, int timeout_ms) {
  Answered out;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (out.order.size() < count && std::chrono::steady_clock::now() < deadline) {
    pollfd ready{service.fd(), POLLIN, 0};
    poll(&ready, 1, 50);
    service.drain([&out](std::uint64_t ticket, HashResult result) {
      out.order.push_back(ticket);
      out.results.emplace(ticket, std::move(result));
    });
  }
  return out;
}

HashResult hash_now(HashService& service, const HashRequest& request) {
  auto submitted = service.submit(request);
  if (submitted.result) return *submitted.result;
  auto answered = wait_for(service, 1);
  if (!answered.results.contains(submitted.ticket)) throw std::runtime_error("no answer");
  return answered.results.at(submitted.ticket);
}

}  // namespace tocsin::test
