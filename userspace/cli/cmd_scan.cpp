// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/indicator_files.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_view.hpp"
#include "cli/pace.hpp"
#include "hash/scan_tree.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

struct ScanArguments {
  std::vector<std::string> paths;
  std::vector<std::string> indicators;
};

// Counts what there is to do while the work has begun: looking is faster than reading.
class WorkAhead {
 public:
  explicit WorkAhead(std::vector<std::string> paths)
      : counter_([this, paths = std::move(paths)](const std::stop_token& stop) {
          std::uint64_t bytes = 0;
          for (const auto& path : paths) {
            ScanOptions options;
            options.count_only = true;
            options.stop = stop;
            const auto counted = scan_tree(path, options);
            if (counted) bytes += counted->bytes;
            if (stop.stop_requested()) return;
          }
          bytes_ = bytes;
          known_ = true;
        }) {}

  // 0: not known yet.
  [[nodiscard]] std::uint64_t bytes() const { return known_ ? bytes_.load() : 0; }

 private:
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<bool> known_ = false;
  std::jthread counter_;  // last: it uses the others
};

struct Totals {
  std::uint64_t files = 0, bytes = 0, errors = 0, matches = 0;
};

class Scan {
 public:
  Scan(Context& context, const IndicatorStore& store, const std::vector<std::string>& paths)
      : context_(context), index_(store.current()), now_(SystemClock().wall_ns()) {
    if (context.out.shows_progress()) ahead_.emplace(paths);
    options_.needs = {.sha1 = store.need_sha1(), .md5 = store.need_md5()};
    options_.on_file = [this](const ScannedFile& file) { look_up(file); };
    options_.on_error = [this](const std::string& path, const Error& error) { tell(path, error); };
    options_.stop = stop_.token();  // also within a file that takes minutes
    options_.on_progress = [this](const ScanProgress& progress) { show_progress(progress); };
  }

  void run(const std::string& path) {
    if (interrupt_.asked()) return;
    const auto progress = scan_tree(path, options_);
    if (!progress) return tell(path, progress.error());
    totals_.files += progress->files;
    totals_.bytes += progress->bytes;
  }

  int finish() {
    const double seconds = seconds_since(started_);
    context_.out.end_progress();
    context_.out.document({{"kind", "summary"},
                           {"files", totals_.files},
                           {"bytes", totals_.bytes},
                           {"matches", totals_.matches},
                           {"errors", totals_.errors},
                           {"seconds", seconds},
                           {"stopped", interrupt_.asked()}});
    context_.out.line(fmt::format("{} files, {} in {}: {} matched, {} could not be read",
                                  totals_.files, bytes_text(static_cast<double>(totals_.bytes)),
                                  duration_text(seconds), totals_.matches, totals_.errors));
    if (interrupt_.asked()) context_.out.problem("stopped: the rest was not looked at");
    if (totals_.matches > 0) return kFound;
    if (interrupt_.asked()) return kError;
    return totals_.errors > 0 ? kError : kDone;  // "nothing found" needs everything read
  }

 private:
  static double seconds_since(SteadyClock::time_point then) {
    return std::chrono::duration<double>(SteadyClock::now() - then).count();
  }

  void look_up(const ScannedFile& file) {
    const auto matches = index_->find(file.digests, now_);
    if (matches.empty()) return;
    ++totals_.matches;
    context_.out.end_progress();
    context_.out.document({{"kind", "match"},
                           {"path", file.path},
                           {"size", file.size},
                           {"sha256", file.digests.sha256.hex()},
                           {"matches", to_json(matches)}});
    context_.out.line(
        fmt::format("{} {}", context_.out.paint(Tone::kBad, "MATCH"), printable(file.path)));
    for (const auto& match : matches)
      context_.out.line(fmt::format("      {}", indicator_text(to_json(match))));
  }

  void tell(const std::string& path, const Error& error) {
    ++totals_.errors;
    context_.out.end_progress();
    context_.out.document({{"kind", "error"}, {"path", path}, {"reason", error.message}});
    context_.out.problem(error.message.find(path) != std::string::npos
                             ? printable(error.message)
                             : printable(fmt::format("{}: {}", path, error.message)));
  }

  void show_progress(const ScanProgress& progress) {
    static constexpr auto kEvery = std::chrono::milliseconds(100);
    if (SteadyClock::now() - last_shown_ < kEvery) return;
    last_shown_ = SteadyClock::now();
    const auto bytes = totals_.bytes + progress.bytes;
    const auto all = ahead_ ? std::max(ahead_->bytes(), bytes) : bytes;
    context_.out.progress(fmt::format("{} files, {}, {} matched", totals_.files + progress.files,
                                      pace_.bytes_words(bytes, all > bytes ? all : 0),
                                      totals_.matches));
  }

  Context& context_;
  std::shared_ptr<const Index> index_;
  WallNs now_;
  Interrupt interrupt_;
  StopOnInterrupt stop_{interrupt_};
  std::optional<WorkAhead> ahead_;
  Pace pace_;
  ScanOptions options_;
  Totals totals_;
  SteadyClock::time_point started_ = SteadyClock::now();
  SteadyClock::time_point last_shown_{};
};

int run(Context& context, const ScanArguments& options) {
  const auto store = load_indicators(context, options.indicators);
  if (!store) return store.error();
  Scan scan(context, *store, options.paths);
  for (const auto& path : options.paths) scan.run(path);
  return scan.finish();
}

}  // namespace

Runner declare_scan(CLI::App& app) {
  const auto options = std::make_shared<ScanArguments>();
  app.add_option("PATH", options->paths, "Files and folders; links inside are not followed")
      ->required();
  app.add_option("--ioc", options->indicators,
                 "Indicator files or folders (default: indicators.paths of the configuration)")
      ->type_name("FILE")
      ->allow_extra_args(false);  // what follows is not another one
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
