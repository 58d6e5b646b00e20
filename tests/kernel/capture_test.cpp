// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the programs in the kernel say about fork, exec and exit, field by field.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <numeric>

#include "base/fd.hpp"
#include "support/capture_watch.hpp"
#include "support/kernel.hpp"
#include "support/temp_dir.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr std::uint32_t kNobody = 65'534;
constexpr unsigned kBtrfs = 0x9123683e, kOverlay = 0x794c7630;

// A fresh executable in a folder of the test.
struct Program {
  TempDir folder;
  std::string path = (std::filesystem::canonical(folder.path()) / "program").string();
  Program() { make_payload(path); }
};

std::int64_t nanoseconds(const timespec& t) {
  return t.tv_sec * kNsPerSecond + t.tv_nsec;
}

void check_identity(const FileIdentity& file, const std::string& path) {
  struct stat st {};
  REQUIRE(::stat(path.c_str(), &st) == 0);
  CHECK(file.ino == st.st_ino);
  CHECK(file.size == static_cast<std::uint64_t>(st.st_size));
  CHECK(file.ctime_ns == nanoseconds(st.st_ctim));
  CHECK(file.mtime_ns == nanoseconds(st.st_mtim));
  CHECK(file.nlink == st.st_nlink);
  CHECK(file.mode == st.st_mode);
  CHECK(file.owner_uid == st.st_uid);
  // These two have device numbers of their own for stat.
  if (file.fs_magic == kBtrfs || file.fs_magic == kOverlay) return;
  CHECK(file.dev >> 20 == major(st.st_dev));
  CHECK((file.dev & 0xfffff) == minor(st.st_dev));
}

std::uint32_t namespace_inode(const char* name) {
  struct stat st {};
  REQUIRE(::stat((std::string("/proc/self/ns/") + name).c_str(), &st) == 0);
  return static_cast<std::uint32_t>(st.st_ino);
}

bool redirect(int fd, const char* path, int flags) {
  const int opened = ::open(path, flags | O_CREAT, 0600);
  return opened >= 0 && ::dup2(opened, fd) == fd;
}

}  // namespace

TEST_CASE("an exec event tells a network's socket from a local one", "[capture][vm]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const Program program;
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  const Fd v4(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Fd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
  REQUIRE((v4.get() >= 0 && netlink.get() >= 0));
  const Launched child = launch({.path = program.path, .argv = {"program"}, .prepare = [&] {
                                   return ::dup2(pair[0], 0) == 0 && ::dup2(v4.get(), 1) == 1 &&
                                          ::dup2(netlink.get(), 2) == 2;
                                 }});
  ::close(pair[0]), ::close(pair[1]);
  REQUIRE(child.status == 0);
  const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
  REQUIRE(e);
  CHECK(e->stdio == std::array{Stdio::kUnixSocket, Stdio::kInetSocket, Stdio::kSocket});
}

TEST_CASE("an exec event says everything about the program and its process",
          "[capture][vm][brief]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const Program program;
  const std::string out_file = program.folder.file("out");
  int pipe_fds[2];
  REQUIRE(::pipe2(pipe_fds, O_CLOEXEC) == 0);
  const Launched child =
      launch({.path = "./program", .argv = {"zero", "0", "", "two words"}, .prepare = [&] {
                return ::chdir(program.folder.path().c_str()) == 0 &&
                       redirect(0, "/dev/null", O_RDONLY) && ::dup2(pipe_fds[1], 1) == 1 &&
                       redirect(2, out_file.c_str(), O_WRONLY);
              }});
  ::close(pipe_fds[0]), ::close(pipe_fds[1]);
  REQUIRE(child.status == 0);
  const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
  REQUIRE(e);
  check_identity(e->file, program.path);
  CHECK(e->path == program.path);
  CHECK_FALSE((e->path_cut || e->path_disconnected || e->argv_cut));
  CHECK(e->filename == "./program");
  CHECK(e->argv == std::vector<std::string>{"zero", "0", "", "two words"});
  CHECK(e->cwd == std::filesystem::canonical(program.folder.path()).string());
  CHECK(e->comm == "program");
  CHECK(e->stdio == std::array{Stdio::kNull, Stdio::kPipe, Stdio::kFile});
  CHECK(e->uid == ::getuid());
  CHECK(e->gid == ::getgid());
  CHECK(e->euid == ::geteuid());
  CHECK(e->egid == ::getegid());
  CHECK_FALSE((e->script || e->memfd || e->unlinked || e->secure || e->by_fd));
  CHECK(e->first_seen);
  CHECK(e->root.mnt_ns == namespace_inode("mnt"));
  CHECK(e->root.mnt_ns_id != 0);
  CHECK(e->net_ns == namespace_inode("net"));
  CHECK(e->pid_ns == namespace_inode("pid"));
  CHECK(e->ns_pid != 0);
  struct stat root {};
  REQUIRE(::stat("/", &root) == 0);
  CHECK(e->root.root_ino == root.st_ino);
  CHECK(e->parent.pid == static_cast<std::uint32_t>(::getpid()));

  // The same process in the events before and after.
  const ForkEvent* fork = watch.wait_for_pid<ForkEvent>(child.pid);
  const ExitEvent* exit = watch.wait_for_pid<ExitEvent>(child.pid);
  REQUIRE((fork && exit));
  CHECK(fork->head.process == e->head.process);
  CHECK(fork->parent == e->parent);
  CHECK(exit->head.process == e->head.process);
  CHECK(exit->exit_code == 0);
  CHECK(fork->head.time_ns <= e->head.time_ns);
  CHECK(e->head.time_ns <= exit->head.time_ns);
  CHECK(watch.undecodable() == 0);
}

TEST_CASE("a file is new once, and again after it changed", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const Program program;
  const auto first_seen = [&] {
    const Launched child = launch({.path = program.path, .argv = {"x"}});
    const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
    REQUIRE(e);
    return e->first_seen;
  };
  CHECK(first_seen());
  CHECK_FALSE(first_seen());
  ::usleep(20'000);  // the clock of change times ticks every few milliseconds
  std::filesystem::permissions(program.path, std::filesystem::perms(0711));
  CHECK(first_seen());
  CHECK_FALSE(first_seen());
}

TEST_CASE("a script names itself, its interpreter and the file that ran", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const TempDir folder;
  const std::string script = folder.write("script", "#!/bin/sh -e\nexit 3\n");
  ::chmod(script.c_str(), 0755);
  const Launched child = launch({.path = script, .argv = {"script", "a"}});
  CHECK(WEXITSTATUS(child.status) == 3);
  const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
  REQUIRE(e);
  CHECK(e->script);
  CHECK(e->filename == script);
  CHECK(e->interpreter == "/bin/sh");
  CHECK(e->path == std::filesystem::canonical("/bin/sh").string());
  check_identity(e->file, "/bin/sh");
  CHECK(e->argv == std::vector<std::string>{"/bin/sh", "-e", script, "a"});
  const ExitEvent* exit = watch.wait_for_pid<ExitEvent>(child.pid);
  REQUIRE(exit);
  CHECK(exit->exit_code == child.status);
}

TEST_CASE("a program without a name is marked: memfd and unlinked file", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const Program program;
  const std::string content = read_text(program.path);
  const Fd memory(::memfd_create("ghost", MFD_CLOEXEC));
  REQUIRE(::write(memory.get(), content.data(), content.size()) ==
          static_cast<ssize_t>(content.size()));
  Launched child = launch({.fd = memory.get(), .argv = {"x"}});
  const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
  REQUIRE(e);
  CHECK((e->memfd && e->unlinked && e->by_fd && e->path_disconnected));
  CHECK(e->path == "/memfd:ghost");
  CHECK(e->file.size == content.size());

  const Fd file(::open(program.path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(::unlink(program.path.c_str()) == 0);
  child = launch({.fd = file.get(), .argv = {"x"}});
  e = watch.wait_for_pid<ExecEvent>(child.pid);
  REQUIRE(e);
  CHECK((e->unlinked && e->by_fd && !e->memfd));
  CHECK(e->path == program.path);
  CHECK(e->file.nlink == 0);
}

TEST_CASE("arguments are whole up to 16 KiB, then cut and marked", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const Program program;
  // Around the border of the small record's room, up to the large one's, and beyond it.
  for (const std::size_t bytes : {500, 511, 512, 513, 1500, 16'000, 16'384, 25'000, 100'000}) {
    INFO(bytes);
    std::vector<std::string> argv = {"0"};
    std::size_t total = 2;
    while (total < bytes) {
      const std::size_t next = std::min<std::size_t>(bytes - total, 100);
      argv.emplace_back(next - 1, static_cast<char>('a' + argv.size() % 26));
      total += next;
    }
    const Launched child = launch({.path = program.path, .argv = argv});
    const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
    REQUIRE(e);
    CHECK(e->argv_cut == (bytes > 16'384));
    if (!e->argv_cut) {
      CHECK(e->argv == argv);
      continue;
    }
    REQUIRE(e->argv.size() > 100);
    for (std::size_t i = 0; i + 1 < e->argv.size(); ++i) REQUIRE(e->argv[i] == argv[i]);
    CHECK(argv[e->argv.size() - 1].starts_with(e->argv.back()));
  }
}

TEST_CASE("deep and long paths are whole up to 48 components, then a marked suffix", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const TempDir folder;
  const auto base = std::filesystem::canonical(folder.path());
  const auto depth = [](const std::filesystem::path& p) {
    return static_cast<std::size_t>(std::distance(p.begin(), p.end())) - 1;
  };
  const auto run_at = [&](std::size_t components, std::size_t name_length) {
    auto dir = base;
    while (depth(dir) + 1 < components) dir /= std::string(name_length, 'd');
    std::filesystem::create_directories(dir);
    const std::string path = (dir / "program").string();
    if (!std::filesystem::exists(path)) make_payload(path);
    const Launched child =
        launch({.path = path, .argv = {"x"}, .prepare = [&] { return ::chdir(dir.c_str()) == 0; }});
    REQUIRE(child.status == 0);
    const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
    REQUIRE(e);
    return std::pair(*e, path);
  };
  const auto [shallow, shallow_path] = run_at(40, 3);
  CHECK(shallow.path == shallow_path);
  CHECK(shallow.cwd == std::filesystem::path(shallow_path).parent_path().string());
  const auto [wide, wide_path] = run_at(14, 250);  // does not fit the small record
  CHECK_FALSE(wide.path_cut);
  CHECK(wide.path == wide_path);
  CHECK(wide.cwd == std::filesystem::path(wide_path).parent_path().string());
  CHECK(wide.filename == wide_path.substr(0, TW_FILENAME_MAX - 1));
  const auto [deep, deep_path] = run_at(60, 3);
  CHECK(deep.path_cut);
  REQUIRE(deep.path.starts_with("…/"));
  CHECK(deep_path.ends_with(deep.path.substr(std::string_view("…").size())));
}

TEST_CASE("set-uid programs are marked with the user before and after", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const Program program;
  ::chmod(program.path.c_str(), 04755);
  const Launched child = launch({.path = program.path, .argv = {"x"}, .prepare = [] {
                                   return ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0;
                                 }});
  REQUIRE(child.status == 0);
  const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
  REQUIRE(e);
  if (e->euid == kNobody) return print_skipped("set-uid", "the temporary folder is nosuid");
  CHECK(e->secure);
  CHECK(e->uid == kNobody);
  CHECK(e->gid == kNobody);
  CHECK(e->euid == 0U);
}

TEST_CASE("a path is told as the process sees it: chroot and mount namespace", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const Program program;
  const std::string folder = program.folder.path().string();
  Launched child = launch({.path = "/program", .argv = {"x"}, .prepare = [&] {
                             return ::chroot(folder.c_str()) == 0 && ::chdir("/") == 0;
                           }});
  REQUIRE(child.status == 0);
  const ExecEvent* e = watch.wait_for_pid<ExecEvent>(child.pid);
  REQUIRE(e);
  struct stat root {};
  REQUIRE(::stat(folder.c_str(), &root) == 0);
  CHECK(e->path == "/program");
  CHECK(e->cwd == "/");
  CHECK(e->root.root_ino == root.st_ino);
  CHECK_FALSE(e->path_disconnected);
  check_identity(e->file, program.path);

  // A bind mount: the file under its second name, in a namespace of its own.
  const std::string mounted = program.folder.write("mnt/.keep", "");
  const auto mount_point = std::filesystem::canonical(mounted).parent_path();
  std::filesystem::create_directory(folder + "/from");
  make_payload(folder + "/from/inner");
  child = launch(
      {.path = (mount_point / "inner").string(), .argv = {"x"}, .prepare = [&] {
         return ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0 &&
                ::mount((folder + "/from").c_str(), mount_point.c_str(), "", MS_BIND, "") == 0;
       }});
  REQUIRE(child.status == 0);
  e = watch.wait_for_pid<ExecEvent>(child.pid);
  REQUIRE(e);
  CHECK(e->path == (mount_point / "inner").string());
  CHECK(e->root.mnt_ns != namespace_inode("mnt"));
}

TEST_CASE("threads come and go unseen; the process ends once", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const auto skipped = [&] { return watch.source().counters().by_kind; };
  const auto before = skipped();
  constexpr int kThreads = 8;
  // The leader leaves first: the process lives on until the last thread is gone.
  const Launched child = run_forked([] {
    pthread_t threads[kThreads];
    for (pthread_t& t : threads)
      if (pthread_create(
              &t, nullptr, [](void*) -> void* { return ::usleep(50'000), nullptr; }, nullptr) != 0)
        return 1;
    return static_cast<int>(::syscall(SYS_exit, 0));  // this thread alone, without unwinding
  });
  CHECK(child.status == 0);
  const ExitEvent* exit = watch.wait_for_pid<ExitEvent>(child.pid);
  REQUIRE(exit);
  CHECK(exit->exit_code == 0);
  CHECK(watch.count_pid<ForkEvent>(child.pid) == 1);
  CHECK(watch.count_pid<ExitEvent>(child.pid) >= 1);
  CHECK(watch.count<ForkEvent>([&](const ForkEvent& f) {
    return f.parent.pid == static_cast<std::uint32_t>(child.pid);
  }) == 0);
  CHECK(skipped()[TW_FORK].skipped >= before[TW_FORK].skipped + kThreads);
  // A thread that was not the last may come to the hook after the one that was.
  for (int i = 0; i < 200 && skipped()[TW_EXIT].skipped < before[TW_EXIT].skipped + kThreads; ++i)
    ::usleep(10'000);
  CHECK(skipped()[TW_EXIT].skipped >= before[TW_EXIT].skipped + kThreads);

  const Launched killed = run_forked([] { return ::raise(SIGKILL); });
  const ExitEvent* end = watch.wait_for_pid<ExitEvent>(killed.pid);
  REQUIRE(end);
  CHECK(end->exit_code == SIGKILL);
}

TEST_CASE("a child given to somebody else is told as the child of who made it", "[capture]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch;
  const Launched maker = run_forked([] {
    const auto child = ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, 0);
    if (child == 0) ::_exit(0);
    return child > 0 ? 0 : 1;
  });
  CHECK(maker.status == 0);
  const auto made_by = [&](const ForkEvent& f) {
    return f.parent.pid == static_cast<std::uint32_t>(maker.pid);
  };
  REQUIRE(watch.wait_for_pid<ExitEvent>(maker.pid));
  CHECK(watch.count<ForkEvent>(made_by) == 1);
  while (::waitpid(-1, nullptr, WNOHANG) > 0) continue;  // it is this process's child
}
