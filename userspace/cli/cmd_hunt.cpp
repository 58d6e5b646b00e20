// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "cli/ask_history.hpp"
#include "cli/command.hpp"
#include "cli/hunt_list.hpp"
#include "cli/hunt_view.hpp"
#include "cli/json_view.hpp"
#include "cli/time_argument.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kBlocksShown = 20;  // hits beyond get one line each

struct HuntArguments {
  HuntListOptions list;
  std::string state_dir;
};

class Hunting {
 public:
  Hunting(Context& context, const HuntArguments& options)
      : context_(context), options_(options), list_(context.out) {}

  int run() {
    if (options_.list.empty()) return trouble("nothing to look for: give values, --set or --file");
    if (!options_.list.since.empty()) {
      const auto since = tocsin::cli::parse_time(options_.list.since, SystemClock().wall_ns());
      if (!since) return trouble(since.error().message);
      question_.since_ns = *since;
    }
    if (const auto added = list_.add(options_.list); !added) return trouble(added.error().message);
    auto source = HistorySource::open(context_, options_.state_dir);
    if (!source) return tell_no_history(context_, options_.state_dir, source.error());
    if (!options_.list.set.empty()) {
      auto values = source->values_of_set(context_, options_.list.set);
      if (!values) return failed(*source, values.error());
      for (auto& value : *values) list_.add(std::move(value));
    }
    question_.values = list_.take();
    if (question_.values.empty())
      return trouble("nothing to look for: give values, --set or --file");
    const auto answer = source->ask(context_, question_);
    return answer ? show(*answer) : failed(*source, answer.error());
  }

 private:
  int trouble(const std::string& message) {
    context_.out.problem(printable(message));
    return kError;
  }

  int failed(const HistorySource& source, const Error& error) {
    trouble(error.message);
    return source.lost_connection() ? kNoDaemon : kError;
  }

  int show(const json& answer) {
    context_.out.document(answer);
    std::size_t shown = 0;
    if (const auto* hits = find_at(answer, "/hits"); hits != nullptr)
      for (const auto& hit : *hits) {
        if (++shown > kBlocksShown) {
          context_.out.line(hit_line(hit, context_.out));
          continue;
        }
        for (const auto& line : hit_lines(hit, context_.out)) context_.out.line(line);
      }
    for (const auto& line : silence_lines(answer)) context_.out.line(line);
    const bool stopped = flag_at(answer, "/stopped");
    if (const auto left = question_.values.size() - count_at(answer, "/asked"); stopped)
      context_.out.problem(left > 0 ? fmt::format("stopped: {} of {} values were not looked for",
                                                  left, question_.values.size())
                                    : std::string("stopped: not all of the history was looked at"));
    if (count_at(answer, "/seen") > 0) return kFound;
    return stopped ? kError : kDone;  // "nothing" needs every value
  }

  Context& context_;
  const HuntArguments& options_;
  HuntList list_;
  HistorySource::Question question_;
};

}  // namespace

Runner declare_hunt(CLI::App& app) {
  const auto options = std::make_shared<HuntArguments>();
  options->list.declare(app);
  app.add_option("--state-dir", options->state_dir,
                 "Read the files of this state_dir instead of asking the daemon")
      ->type_name("DIR");
  return [options](Context& context) { return Hunting(context, *options).run(); };
}

}  // namespace tocsin::cli
