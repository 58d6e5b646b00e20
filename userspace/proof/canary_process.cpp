// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "proof/canary_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <initializer_list>
#include <utility>

#include "proof/proof_limits.hpp"

namespace tocsin {
namespace {

constexpr const char* kLibexec = "libexec/tocsin";  // under the prefix of sbin/tocsind
constexpr const char* kProgram = "tocsin-canary";
// Descriptors are made above those the canary gets, so that placing one cannot cover another.
constexpr int kFirstFreeFd = 10;

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe", errno);
  const Fd low_read(ends[0]), low_write(ends[1]);
  Pipe out{Fd(fcntl(ends[0], F_DUPFD_CLOEXEC, kFirstFreeFd)),
           Fd(fcntl(ends[1], F_DUPFD_CLOEXEC, kFirstFreeFd))};
  if (!out.read || !out.write) return fail_errno("making a pipe", errno);
  return out;
}

// Both payloads, each behind its length; they fit into the smallest pipe there is.
Result<Fd> payload_pipe(const CanaryProcess::Task& task) {
  TOCSIN_TRY(auto pipe, make_pipe());
  std::vector<std::byte> bytes;
  for (const ByteVector* part : {&task.tls_hello, &task.quic_hello}) {
    bytes.push_back(static_cast<std::byte>(part->size()));
    bytes.push_back(static_cast<std::byte>(part->size() >> 8));
    bytes.insert(bytes.end(), part->begin(), part->end());
  }
  fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK);
  if (write(pipe.write.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    return fail_errno("handing the canary its hellos", errno);
  return std::move(pipe.read);
}

// What posix_spawn needs, freed in any case.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // 0, or the error number.
  int fill(int payload, int report) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    constexpr short kFlags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    for (const int error :
         {posix_spawn_file_actions_adddup2(&actions_, payload, STDIN_FILENO),
          posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0),
          posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0),
          posix_spawn_file_actions_adddup2(&actions_, report, kCanaryReportFd),
          posix_spawn_file_actions_addclosefrom_np(&actions_, kCanaryReportFd + 1),
          posix_spawnattr_setpgroup(&attributes_, 0),
          posix_spawnattr_setsigmask(&attributes_, &none),
          posix_spawnattr_setsigdefault(&attributes_, &all),
          posix_spawnattr_setflags(&attributes_, kFlags)})
      if (error != 0) return error;
    return 0;
  }

  int spawn(pid_t& pid, std::vector<std::string> arguments) {
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    char* environment[] = {nullptr};
    return posix_spawn(&pid, argv[0], &actions_, &attributes_, argv.data(), environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::uint64_t cpu_ns(const rusage& usage) {
  const auto ns = [](const timeval& t) {
    return (static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 +
            static_cast<std::uint64_t>(t.tv_usec)) *
           1000;
  };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

}  // namespace

Result<CanaryFiles> find_canary() {
  namespace fs = std::filesystem;
  std::error_code ec;
  const auto own_folder = fs::read_symlink("/proc/self/exe", ec).parent_path();
  const auto libexec = own_folder.parent_path() / kLibexec;
  for (const auto& folder : {own_folder, libexec}) {
    const auto program = folder / kProgram;
    const auto marker = folder / kCanaryMarker;
    if (fs::exists(program, ec) && fs::exists(marker, ec))
      return CanaryFiles{program.string(), marker.string()};
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("{} and {} are neither in {} nor in {}", kProgram, kCanaryMarker,
                          own_folder.string(), libexec.string()));
}

Result<std::unique_ptr<CanaryProcess>> CanaryProcess::start(EventLoop& loop, const Clock& clock,
                                                            const Task& task, Callbacks callbacks) {
  std::unique_ptr<CanaryProcess> out(new CanaryProcess(std::move(callbacks)));
  TOCSIN_TRY_VOID(out->spawn(clock, task));
  auto* self = out.get();
  TOCSIN_TRY(out->report_source_, loop.watch_fd(out->report_.get(), EPOLLIN,
                                                [self](std::uint32_t) { self->read_report(); }));
  TOCSIN_TRY(out->end_source_,
             loop.watch_fd(out->pidfd_.get(), EPOLLIN, [self](std::uint32_t) { self->reap(); }));
  return out;
}

Result<void> CanaryProcess::spawn(const Clock& clock, const Task& task) {
  TOCSIN_TRY(const auto files, find_canary());
  TOCSIN_TRY(const auto payload, payload_pipe(task));
  TOCSIN_TRY(auto report, make_pipe());
  fcntl(report.read.get(), F_SETFL, O_NONBLOCK);
  std::vector<std::string> arguments = {files.program, task.nonce, files.marker};
  for (const auto action : task.actions) arguments.emplace_back(to_string(action));
  SpawnPlan plan;
  int error = plan.fill(payload.get(), report.write.get());
  pid_t pid = 0;
  const auto from = clock.boot_ns();
  if (error == 0) error = plan.spawn(pid, std::move(arguments));
  if (error != 0) return fail_errno(fmt::format("starting {}", files.program), error);
  identity_ = {pid, from, clock.boot_ns()};
  // Nobody else reaps it, so the pid is still its own.
  pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd_) {
    error = errno;
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return fail_errno("watching the canary", error);
  }
  report_ = std::move(report.read);
  return {};
}

CanaryProcess::~CanaryProcess() {
  if (identity_.pid == 0 || !pidfd_) return;
  kill();
  siginfo_t info{};
  waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED);
}

void CanaryProcess::kill() {
  syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

void CanaryProcess::read_report() {
  std::array<char, 512> buffer;
  for (;;) {
    const ssize_t n = read(report_.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return report_source_.set_enabled(false);
    read_bytes_ += static_cast<std::size_t>(n);
    if (read_bytes_ > limits::kCanaryReportBytesMax) return report_source_.set_enabled(false);
    unread_.append(buffer.data(), static_cast<std::size_t>(n));
    for (std::size_t end; (end = unread_.find('\n')) != std::string::npos;) {
      const auto report = parse_canary_report(std::string_view(unread_).substr(0, end));
      unread_.erase(0, end + 1);
      if (report) callbacks_.on_report(*report);
    }
  }
}

void CanaryProcess::reap() {
  read_report();  // what it wrote before it ended
  siginfo_t info{};
  rusage usage{};
  // glibc's waitid() does not hand out what the kernel tells about the cost.
  const bool reaped = syscall(SYS_waitid, P_PIDFD, pidfd_.get(), &info, WEXITED, &usage) == 0;
  end_source_ = {};
  pidfd_.reset();
  End end;
  end.cpu_ns = cpu_ns(usage);
  end.well = reaped && info.si_code == CLD_EXITED && info.si_status == 0;
  end.how = !reaped                      ? "could not be waited for"
            : end.well                   ? "ended well"
            : info.si_code == CLD_EXITED ? fmt::format("ended with code {}", info.si_status)
                                         : fmt::format("was ended by signal {}", info.si_status);
  auto on_end = std::move(callbacks_.on_end);
  on_end(end);
}

}  // namespace tocsin
