// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cli/ask_history.hpp"
#include "cli/command.hpp"
#include "cli/document_file.hpp"
#include "cli/extraction_view.hpp"
#include "cli/hunt_view.hpp"
#include "cli/json_view.hpp"
#include "cli/time_argument.hpp"
#include "daemon/config.hpp"
#include "intake/document_set.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kBlocksShown = 20;  // hits beyond get one line each

struct Options {
  std::vector<std::string> values, files;
  std::string set, since, state_dir;
  bool review = false;
};

class Hunting {
 public:
  Hunting(Context& context, const Options& options) : context_(context), options_(options) {}

  int run() {
    if (options_.values.empty() && options_.files.empty() && options_.set.empty())
      return trouble("nothing to look for: give values, --set or --file");
    if (!options_.since.empty()) {
      const auto since = tocsin::cli::parse_time(options_.since, SystemClock().wall_ns());
      if (!since) return trouble(since.error().message);
      question_.since_ns = *since;
    }
    for (const auto& typed : options_.values) {
      auto value = parse_hunt_value(typed);
      if (!value) return trouble(value.error().message);
      add(std::move(*value));
    }
    for (const auto& file : options_.files)
      if (const int code = add_document(file); code != kDone) return code;
    auto source = HistorySource::open(context_, options_.state_dir);
    if (!source) return tell_no_history(context_, options_.state_dir, source.error());
    if (!options_.set.empty()) {
      auto values = source->values_of_set(context_, options_.set);
      if (!values) return failed(*source, values.error());
      for (auto& value : *values) add(std::move(value));
    }
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

  void add(HuntValue value) {
    if (known_.emplace(value.type, value.text).second) question_.values.push_back(std::move(value));
  }

  // A document as it was published: what is held back for a person is shown, and looked for only
  // when it is asked for.
  int add_document(const std::string& path) {
    static const auto guard = Guard::load();
    if (!guard) return trouble(guard.error().message);
    const auto lists = Warninglists::of_host(load_config({}).config.state_dir);
    const auto file = DocumentFile::open(path);
    if (!file) return trouble(file.error().message);
    const auto name = path == "-" ? std::string("standard input") : path;
    const auto found =
        intake::extract_document({file->bytes(), name}, {*guard, lists}, SystemClock().wall_ns());
    if (!found) return trouble(fmt::format("{}: {}", name, found.error().message));
    print_reasons(printable(name, 300), *found, false);
    const auto before = question_.values.size();
    for (const auto& candidate : found->candidates) {
      if (candidate.state == CandidateState::kReject) continue;
      if (candidate.state == CandidateState::kReview && !options_.review) continue;
      if (auto value = make_hunt_value(candidate.type, candidate.value)) add(std::move(*value));
    }
    const auto held = found->count(CandidateState::kReview);
    if (held > 0 && !options_.review)
      context_.out.hint(
          fmt::format("{} values are held back and not looked for; --review "
                      "takes them",
                      held));
    if (question_.values.size() > before || held > 0) return kDone;
    return trouble(fmt::format("{}: nothing in it can be looked for", name));
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
    if (stopped)
      context_.out.problem(fmt::format("stopped: {} of {} values were not looked for",
                                       question_.values.size() - count_at(answer, "/asked"),
                                       question_.values.size()));
    if (count_at(answer, "/seen") > 0) return kFound;
    return stopped ? kError : kDone;  // "nothing" needs every value
  }

  Context& context_;
  const Options& options_;
  HistorySource::Question question_;
  std::set<std::pair<IndicatorType, std::string>> known_;
};

}  // namespace

Runner declare_hunt(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("VALUE", options->values,
                 "Digests, addresses, networks, names, URLs or paths, defanged or not");
  app.add_option("--set", options->set, "The values of a set that is watched for")
      ->type_name("SET");
  app.add_option("--file", options->files, "The indicators of a document as it was published")
      ->type_name("FILE");
  app.add_flag("--review", options->review, "With --file: those that are held back, too");
  app.add_option("--since", options->since, "Only since then: 90d, 2026-11-01, 2026-11-25T10:00")
      ->type_name("TIME");
  app.add_option("--state-dir", options->state_dir,
                 "Read the files of this state_dir instead of asking the daemon")
      ->type_name("DIR");
  return [options](Context& context) { return Hunting(context, *options).run(); };
}

}  // namespace tocsin::cli
