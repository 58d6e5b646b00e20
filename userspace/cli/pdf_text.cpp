// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <vector>

#include "base/fd.hpp"
#include "cli/document_file.hpp"
#include "extract/extract_limits.hpp"

namespace tocsin::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Pipe {
  Fd read, write;
};
Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("making a pipe", errno);
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// The child is ended and waited for on every way out.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

 private:
  pid_t pid_;
};

Result<pid_t> start(const Pipe& in, const Pipe& out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::array<const char*, 8> argv = {"pdftotext", "-q", "-layout", "-enc",
                                     "UTF-8",     "-",  "-",       nullptr};
  std::array<const char*, 2> environment = {"PATH=/usr/bin:/bin:/usr/local/bin", nullptr};
  pid_t pid = 0;
  const int rc = posix_spawnp(&pid, "pdftotext", &actions, nullptr, const_cast<char**>(argv.data()),
                              const_cast<char**>(environment.data()));
  posix_spawn_file_actions_destroy(&actions);
  if (rc == ENOENT)
    return fail(ErrorCode::kUnsupported,
                "this is a PDF file, and pdftotext is not installed (package poppler-utils); or "
                "save the document as text");
  if (rc != 0) return fail_errno("starting pdftotext", rc);
  return pid;
}

// Feeds and drains at once: neither side may block on the other.
Result<std::string> exchange(std::string_view pdf, Fd to, Fd from) {
  fcntl(to.get(), F_SETFL, O_NONBLOCK);
  fcntl(from.get(), F_SETFL, O_NONBLOCK);
  const auto deadline = SteadyClock::now() + std::chrono::nanoseconds(limits::kExtractPdfNs);
  std::string text;
  std::vector<char> buffer(64UL * 1024);
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0)
      return fail(ErrorCode::kLimit, "pdftotext takes too long for this PDF file");
    std::array<pollfd, 2> polled = {pollfd{from.get(), POLLIN, 0}, pollfd{to.get(), POLLOUT, 0}};
    if (poll(polled.data(), to ? 2 : 1, static_cast<int>(left.count())) < 0 && errno != EINTR)
      return fail_errno("waiting for pdftotext", errno);
    if (to && polled[1].revents != 0) {
      const auto put = ::write(to.get(), pdf.data(), pdf.size());
      if (put > 0) pdf.remove_prefix(static_cast<std::size_t>(put));
      if (pdf.empty() || (put < 0 && errno != EAGAIN && errno != EINTR)) to = Fd();
    }
    if (polled[0].revents == 0) continue;
    const auto got = ::read(from.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return fail_errno("reading from pdftotext", errno);
    if (got == 0) return text;
    if (text.size() + static_cast<std::size_t>(got) > limits::kExtractPdfTextBytesMax)
      return fail(ErrorCode::kLimit, fmt::format("the PDF file holds more than {} bytes of text",
                                                 limits::kExtractPdfTextBytesMax));
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<std::string> pdf_text(std::string_view pdf) {
  TOCSIN_TRY(auto in, make_pipe());
  TOCSIN_TRY(auto out, make_pipe());
  TOCSIN_TRY(const auto pid, start(in, out));
  Child child(pid);
  in.read = Fd();
  out.write = Fd();
  const auto before = ::signal(SIGPIPE, SIG_IGN);  // a child that gives up is no reason to die
  auto text = exchange(pdf, std::move(in.write), std::move(out.read));
  ::signal(SIGPIPE, before);
  if (!text) return text;
  const int status = child.wait();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || text->empty())
    return fail(ErrorCode::kInvalidInput,
                "pdftotext could not read this PDF file, or it holds no text (a scan?)");
  return text;
}

}  // namespace tocsin::cli
