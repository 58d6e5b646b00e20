// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// watch: all hosts' alerts at the centre, and who fell silent.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/own_file.hpp"
#include "base/text.hpp"
#include "base/write_file.hpp"
#include "cli/alert_view.hpp"
#include "cli/json_view.hpp"
#include "cli/time_argument.hpp"
#include "fleet/command.hpp"
#include "fleet/streams.hpp"
#include "fleet/watch.hpp"

namespace tocsin::fleet {
namespace {

constexpr std::uint64_t kSaveEveryUs = 1'000'000;
constexpr std::size_t kStateBytesMax = 4'096;

struct WatchArguments {
  std::string since, state;
};

// Where an earlier watch stopped; absent: there was none.
Result<std::optional<std::uint64_t>> read_state(const std::string& path) {
  if (path.empty()) return std::nullopt;
  TOCSIN_TRY(const auto bytes, read_own_file(path, kStateBytesMax));
  if (!bytes) return std::nullopt;
  const auto* text = reinterpret_cast<const char*>(bytes->data());
  const auto state = nlohmann::json::parse(text, text + bytes->size(), nullptr, false);
  const auto next = state.is_object() ? state.find("sequence") : state.end();
  if (!state.is_object() || next == state.end() || !next->is_number_unsigned())
    return fail(ErrorCode::kInvalidInput, path + " is no state of tocsin fleet watch: remove it");
  return next->get<std::uint64_t>();
}

// Where a watch that keeps its place begins: a new one behind what is there, or what is saved at
// its first second would be the beginning of the stream; one of a stream that was made anew since
// at that stream's first message.
Result<void> settle_start(Connection& connection, WatchOptions& from) {
  if (!from.sequence && from.since_ns) return {};
  TOCSIN_TRY(const auto last, last_sequence_of(connection, kStreamAlerts));
  if (!from.sequence) {
    from.sequence = last + 1;
  } else if (*from.sequence > last + 1) {
    spdlog::warn(
        "the state says that {} messages were told, but {} has had {} only: it was made "
        "anew, and is told from its beginning",
        *from.sequence - 1, kStreamAlerts, last);
    from.sequence = 1;
  }
  return {};
}

bool output_is_file() {
  struct stat status {};
  return ::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
}

// A watch that a full disk ended may have left half a line, which what comes must not continue.
void end_half_line() {
  if (!output_is_file()) return;
  const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  const bool appends = flags >= 0 && (flags & O_APPEND) != 0;
  const auto end = ::lseek(STDOUT_FILENO, 0, appends ? SEEK_END : SEEK_CUR);
  if (end <= 0) return;
  // Ours is open for writing only.
  const int reading = ::open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC);
  if (reading < 0) return;
  char last = '\n';
  if (::pread(reading, &last, 1, end - 1) == 1 && last != '\n') std::fputc('\n', stdout);
  ::close(reading);
}

// False: it did not get out.
bool show(const Context& context, const nlohmann::json& alert) {
  if (context.out.json()) {
    context.out.document(alert);
  } else {
    const auto host = cli::text_at(alert, "/tocsin/fleet/host", 64);
    context.out.line(fmt::format("{:<16} {}", host, cli::alert_line(alert, context.out)));
  }
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

// One run of watch: tells alerts, and keeps how far it got when it was asked to.
class Telling {
 public:
  Telling(const Context& context, EventLoop& loop, Connection& connection, std::string state)
      : context_(context), loop_(loop), connection_(connection), state_(std::move(state)) {}

  Result<void> start(const WatchOptions& from) {
    TOCSIN_TRY(const auto subjects, context_.subjects());
    begun_at_sequence_ = from.sequence.has_value();
    TOCSIN_TRY(watch_, Watch::start(loop_, connection_, subjects, from));
    watch_->on_alert([this](const nlohmann::json& alert) { tell(alert); });
    TOCSIN_TRY(timer_, loop_.add_timer(kSaveEveryUs, [this] { second(); }));
    save();  // or a first alert that does not get out would be behind where a restart begins
    return {};
  }

  Result<void> end() {
    const auto counts = watch_->counts();
    if (counts.missing + counts.strange > 0)
      context_.out.hint(
          fmt::format("{} alerts never came (their hosts gave them up), {} messages were "
                      "no alerts",
                      counts.missing, counts.strange));
    if (!broken_) save();
    if (broken_)
      return fail(ErrorCode::kIo,
                  "standard output takes nothing any more: an alert was not told" +
                      (state_.empty() ? std::string() : "; a restart begins with it"));
    if (refused_)
      return fail(ErrorCode::kPermission,
                  fmt::format("the broker will not have us: {}", connection_.last_error()));
    return {};
  }

 private:
  void tell(const nlohmann::json& alert) {
    if (broken_ || show(context_, alert)) return;
    broken_ = true;  // nothing more is told or saved: what did not get out comes again
    loop_.stop();
  }

  void second() {
    timer_.rearm_us(kSaveEveryUs);
    if (!broken_) save();
    refused_ = connection_.gave_up();
    if (refused_) loop_.stop();
  }

  void save() {
    const auto next = watch_->resume_from();
    if (state_.empty() || next == saved_) return;
    if (!begun_at_sequence_ && next == 1) return;  // --since, and nothing read yet
    // Or a power cut takes alerts that the state says were told.
    if (output_is_file() && ::fdatasync(STDOUT_FILENO) != 0) {
      broken_ = true;
      return loop_.stop();
    }
    saved_ = next;
    const auto text = fmt::format("{{\"sequence\":{}}}\n", next);
    if (auto written = replace_file(state_, text, 0600); !written)
      spdlog::error("{}: after a restart alerts will be told again", written.error().message);
  }

  const Context& context_;
  EventLoop& loop_;
  Connection& connection_;
  std::string state_;
  bool begun_at_sequence_ = false, broken_ = false, refused_ = false;
  std::uint64_t saved_ = 0;
  EventLoop::Source timer_;
  std::unique_ptr<Watch> watch_;
};

Result<void> watch(const Context& context, const WatchArguments& options) {
  TOCSIN_TRY(auto loop, EventLoop::create());
  std::vector<EventLoop::Source> signals;
  for (const int signal : {SIGTERM, SIGINT}) {
    TOCSIN_TRY(auto source, loop.watch_signal(signal, [&] { loop.stop(); }));
    signals.push_back(std::move(source));
  }
  // A reader that went away is an error of the write, which has to be told from an end in order.
  ::signal(SIGPIPE, SIG_IGN);
  WatchOptions from;
  TOCSIN_TRY(from.sequence, read_state(options.state));
  if (!options.since.empty()) {
    TOCSIN_TRY(from.since_ns, cli::parse_time(options.since, SystemClock().wall_ns()));
  }
  TOCSIN_TRY(const auto connection, context.connect_operator(loop));
  if (!options.state.empty()) TOCSIN_TRY_VOID(settle_start(*connection, from));
  end_half_line();
  Telling telling(context, loop, *connection, options.state);
  TOCSIN_TRY_VOID(telling.start(from));
  sd_notify(0, "READY=1");
  const auto turned = loop.run();
  const auto ended = telling.end();
  return turned ? ended : turned;
}

}  // namespace

Runner declare_watch(CLI::App& app) {
  auto options = std::make_shared<WatchArguments>();
  app.add_option("--since", options->since, "Also what was stored since then: 2h, 2026-11-25, …")
      ->type_name("TIME");
  app.add_option("--state", options->state,
                 "Keep in this file how far was told, and go on there after a restart")
      ->type_name("FILE");
  return [options](Context& context) {
    const auto ended = watch(context, *options);
    return ended ? kDone : context.failed(ended.error());
  };
}

}  // namespace tocsin::fleet
