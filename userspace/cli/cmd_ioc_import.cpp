// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cli/ask_history.hpp"
#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/document_file.hpp"
#include "cli/extraction_view.hpp"
#include "cli/hunt_view.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_view.hpp"
#include "cli/time_argument.hpp"
#include "daemon/config.hpp"
#include "indicators/set_file.hpp"
#include "indicators/set_line.hpp"
#include "intake/document_set.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr int kLookEveryMs = 250;

struct IocImportArguments {
  std::vector<std::string> files;
  std::string set, campaign, source, severity, expires;
  bool dry_run = false, accept_review = false, yes = false;
};

// "advisory 2026.html" → "advisory_2026".
std::string name_from(const std::string& file) {
  auto name = std::filesystem::path(file).stem().string().substr(0, 64);
  for (char& c : name)
    if (!is_set_name({&c, 1})) c = '_';
  return name.empty() || name.starts_with('.') || file == "-" ? "imported" : name;
}

Result<intake::SetFacts> facts_of(const IocImportArguments& options) {
  intake::SetFacts facts;
  facts.set = options.set.empty() ? name_from(options.files.front()) : options.set;
  if (!is_set_name(facts.set) || facts.set.starts_with('.'))
    return fail(ErrorCode::kInvalidInput,
                "--set takes 1 to 64 letters, digits, dots, hyphens and underscores");
  facts.campaign = options.campaign;
  facts.source = options.source.empty() ? options.files.front() : options.source;
  facts.added_ns = SystemClock().wall_ns();
  facts.accept_review = options.accept_review;
  if (!options.severity.empty()) facts.severity = parse_severity(options.severity);
  if (options.expires.empty()) return facts;
  facts.expires_ns = tocsin::parse_time(options.expires);
  if (facts.expires_ns) return facts;
  const auto span = parse_duration_ns(options.expires);
  if (!span)
    return fail(ErrorCode::kInvalidInput,
                "--expires takes a date (2026-12-31) or a time from now (90d)");
  facts.expires_ns = facts.added_ns + *span;
  return facts;
}

class Import {
 public:
  Import(Context& context, const IocImportArguments& options, intake::SetFacts facts)
      : context_(context), options_(options), facts_(std::move(facts)) {}

  int run() {
    auto guard = Guard::load();
    if (!guard) return trouble(guard.error().message);
    const auto lists = Warninglists::of_host(load_config({}).config.state_dir);
    for (const auto& fault : lists.faults())
      context_.out.problem(fmt::format("guard list {}: {}", printable(fault.file.string()),
                                       printable(fault.reason)));
    for (const auto& path : options_.files)
      if (const int code = add(path, {*guard, lists}); code != kDone) return code;
    return options_.dry_run ? tell_dry_run(*guard) : send();
  }

 private:
  int trouble(const std::string& message) {
    context_.out.problem(printable(message));
    return kError;
  }

  int add(const std::string& path, const intake::Guards& guards) {
    const auto file = DocumentFile::open(path);
    if (!file) return trouble(file.error().message);
    const auto name =
        path == "-" ? std::string("stdin") : std::filesystem::path(path).filename().string();
    const auto shown = reading_progress(context_.out, printable(name, 60), file->bytes().size());
    const auto found =
        intake::extract_document({file->bytes(), name, shown}, guards, facts_.added_ns);
    context_.out.end_progress();
    if (!found) return trouble(fmt::format("{}: {}", path, found.error().message));
    print_reasons(printable(path, 300), *found, options_.dry_run);
    if (options_.dry_run) extracted_.add(path, *found);
    const auto before = set_.accepted + set_.review;
    intake::append_rows(*found, name, facts_, set_);
    if (set_.accepted + set_.review > before) return kDone;
    return trouble(fmt::format("{}: nothing in it can be taken; nothing was imported", path));
  }

  int tell_dry_run(const Guard& guard) {
    auto document = json::parse(extracted_.finish(), nullptr, false);
    context_.out.line(
        fmt::format("would import into set {}: {} indicators, {} held back for a "
                    "person; nothing was changed",
                    facts_.set, set_.accepted, set_.review));
    const auto history = past_of(guard);
    if (history) {
      for (const auto& line : past_lines(*history, context_.out)) context_.out.line(line);
      document["history"] = *history;
    } else {
      context_.out.line("history: none can be read here, so what it would have matched is unknown");
      context_.out.problem("history: " + printable(history.error().message));
      document["history"] = nullptr;
    }
    context_.out.document(document);
    return kDone;
  }

  // What the set would have matched up to now.
  Result<json> past_of(const Guard& guard) {
    HistorySource::Question question;
    const auto take = [&](const SetMeta&, const IndicatorRow& row) -> Result<void> {
      if (auto value = matched_value(row)) question.values.push_back(std::move(*value));
      return {};
    };
    SetFileReader reader(
        {.file_name = facts_.set, .now_ns = facts_.added_ns, .guard = &guard, .review_sink = {}},
        take);
    reader.feed(set_.text);
    reader.finish();
    if (question.values.empty()) return fail(ErrorCode::kNotFound, "there is no value to look for");
    TOCSIN_TRY(auto source, HistorySource::open(context_, ""));
    TOCSIN_TRY(auto answer, source.ask(context_, question));
    answer["estimate"] = estimate_json(answer);
    return answer;
  }

  // True: go on. Only a person at a terminal is asked.
  bool agreed() const {
    if (options_.yes || context_.out.json() || isatty(STDIN_FILENO) != 1 ||
        isatty(STDERR_FILENO) != 1)
      return true;
    fmt::print(stderr, "Watch for {} indicators as set {} ({} more are held back)? [y/N] ",
               set_.accepted, facts_.set, set_.review);
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  }

  int send() {
    if (set_.accepted == 0)
      context_.out.problem("everything is held back for a person; --accept-review takes it");
    if (!agreed()) {
      context_.out.problem("nothing was imported");
      return kError;
    }
    const auto memory = intake::sealed_memory(set_.text);
    if (!memory) return trouble(memory.error().message);
    auto client = connect_to_daemon(context_);
    if (!client) return client.error();
    if (auto sent = client->request("import", {{"set", facts_.set}}, memory->get()); !sent)
      return report(context_, *client, sent.error());
    if (!wait_for_answer(*client)) {
      context_.out.problem("stopped waiting; the daemon goes on with it");
      context_.out.hint("tocsin ioc list tells whether it was taken");
      return kError;
    }
    const auto item = client->next(control::Client::kChangeTimeout);
    if (!item) return report(context_, *client, item.error());
    if (!*item) return trouble("the daemon did not say what it did");
    return show(json::parse((*item)->json, nullptr, false));
  }

  // Reading and compiling may take the daemon minutes, and it does not tell how far it is: only how
  // long it has been at it can be shown. False: the user stopped waiting.
  bool wait_for_answer(const control::Client& client) {
    const Interrupt interrupt;
    const auto begun = std::chrono::steady_clock::now();
    pollfd readable{client.socket_fd(), POLLIN, 0};
    while (poll(&readable, 1, kLookEveryMs) <= 0 && !interrupt.asked()) {
      const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - begun;
      if (waited > control::Client::kChangeTimeout) break;  // next() tells it
      context_.out.progress(fmt::format("the daemon reads and compiles {} indicators, {}",
                                        set_.accepted, duration_text(waited.count())));
    }
    context_.out.end_progress();
    return !interrupt.asked();
  }

  int show(const json& answer) {
    context_.out.document(answer);
    context_.out.line(fmt::format(
        "set {}{}: {} indicators ({} new, {} gone, {} as before), {} held back, {} refused",
        text_at(answer, "/set"), flag_at(answer, "/replaced") ? " replaced" : "",
        text_at(answer, "/accepted"), text_at(answer, "/added"), text_at(answer, "/removed"),
        text_at(answer, "/kept"), text_at(answer, "/review"), text_at(answer, "/refused")));
    if (const json* refusals = find_at(answer, "/refusals"); refusals != nullptr)
      for (const auto& refusal : *refusals)
        context_.out.problem(fmt::format("refused by the daemon: {}: {}",
                                         text_at(refusal, "/reason"), text_at(refusal, "/text")));
    if (count_at(answer, "/review") > 0)
      context_.out.hint(
          fmt::format("tocsin ioc list --review --set {} shows what is held back", facts_.set));
    context_.out.hint(fmt::format(
        "tocsin hunt --set {} tells whether this host met any of them before", facts_.set));
    return kDone;
  }

  Context& context_;
  const IocImportArguments& options_;
  intake::SetFacts facts_;
  intake::NativeSet set_;
  ExtractionJson extracted_;
};

int run(Context& context, const IocImportArguments& options) {
  if (!options.dry_run && geteuid() != 0) {
    context.out.problem("this needs root: only root may change the daemon");
    context.out.hint("use sudo, or --dry-run to see what would be taken");
    return kError;
  }
  auto facts = facts_of(options);
  if (!facts) {
    context.out.problem(facts.error().message);
    return kError;
  }
  return Import(context, options, std::move(*facts)).run();
}

}  // namespace

Runner declare_ioc_import(CLI::App& app) {
  const auto options = std::make_shared<IocImportArguments>();
  app.add_option("FILE", options->files, "Documents of any supported format; - is standard input")
      ->required();
  app.add_option("--set", options->set, "Name of the set (default: from the first file's name)")
      ->type_name("SET");
  app.add_option("--campaign", options->campaign, "What they belong to")->type_name("TEXT");
  app.add_option("--source", options->source, "Who published them")->type_name("URL");
  app.add_option("--severity", options->severity, "How loud a match is (default: high)")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical"}))
      ->type_name("SEVERITY");
  app.add_option("--expires", options->expires, "A date, or a time from now such as 90d")
      ->type_name("DATE");
  app.add_flag("--dry-run", options->dry_run, "Only show what would be taken, and why");
  app.add_flag("--accept-review", options->accept_review, "Take what is held back, too");
  app.add_flag("--yes", options->yes, "Do not ask");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace tocsin::cli
