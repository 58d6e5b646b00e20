// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/json_view.hpp"
#include "cli/time_argument.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

struct RecordArguments {
  std::string file;
  std::string duration;
};

// SIGINT and SIGTERM as a descriptor: the recording is ended properly, not dropped.
Fd stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return Fd(signalfd(-1, &set, SFD_CLOEXEC));
}

// Until the user or the time ends it, or the daemon says something.
void wait_for_end(const control::Client& client, const Fd& signals,
                  std::optional<std::int64_t> ns) {
  int timeout_ms = -1;
  if (ns)
    timeout_ms =
        static_cast<int>(std::min<std::int64_t>(*ns / 1'000'000, std::numeric_limits<int>::max()));
  std::array<pollfd, 2> wait = {{{client.socket_fd(), POLLIN, 0}, {signals.get(), POLLIN, 0}}};
  poll(wait.data(), wait.size(), timeout_ms);
}

int show_totals(const Context& context, const json& totals, const std::string& file) {
  context.out.document(totals);
  const auto lost = count_at(totals, "/lost");
  context.out.line(fmt::format("{} events, {} in {}, {} lost", text_at(totals, "/events"),
                               bytes_text(number_at(totals, "/bytes").value_or(0)), printable(file),
                               lost));
  return kDone;
}

int record_into(Context& context, const Fd& out, const std::string& file,
                std::optional<std::int64_t> duration_ns) {
  const Fd signals = stop_signals();
  auto client = connect_to_daemon(context);
  if (!client) return client.error();
  if (auto sent = client->request("record", json::object(), out.get()); !sent)
    return report(context, *client, sent.error());
  const auto begun = client->next();
  if (!begun) return report(context, *client, begun.error());
  if (!context.out.json()) context.out.problem("recording; Ctrl-C ends it");
  wait_for_end(*client, signals, duration_ns);
  client->end_requests();
  const auto totals = client->next();
  if (!totals) return report(context, *client, totals.error());
  if (!*totals) {
    context.out.problem("the daemon ended the recording without a word");
    return kError;
  }
  return show_totals(context, json::parse((*totals)->json, nullptr, false), file);
}

int run(Context& context, const RecordArguments& options) {
  std::optional<std::int64_t> duration_ns;
  if (!options.duration.empty()) {
    const auto parsed = parse_duration_ns(options.duration);
    if (!parsed) {
      context.out.problem(parsed.error().message);
      return kError;
    }
    duration_ns = *parsed;
  }
  // A recording holds command lines: it is nobody else's, and it replaces nothing.
  const Fd out(open(options.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out) {
    context.out.problem(fmt::format("{}: {}", printable(options.file), std::strerror(errno)));
    if (errno == EEXIST) context.out.hint("remove it first, or take another name");
    return kError;
  }
  const int code = record_into(context, out, options.file, duration_ns);
  if (code != kDone && lseek(out.get(), 0, SEEK_END) == 0) unlink(options.file.c_str());
  return code;
}

}  // namespace

Runner declare_record(CLI::App& app) {
  const auto options = std::make_shared<RecordArguments>();
  app.add_option("-o,--output", options->file, "File to make; it must not exist yet")
      ->required()
      ->type_name("FILE");
  app.add_option("--for", options->duration, "End by itself after 90s, 10m, 2h")->type_name("TIME");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
