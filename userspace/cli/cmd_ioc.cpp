// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/daemon_link.hpp"
#include "cli/indicator_files.hpp"
#include "cli/json_view.hpp"
#include "cli/status_view.hpp"
#include "daemon/config.hpp"
#include "indicators/check_value.hpp"
#include "indicators/warninglists.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

struct CheckOptions {
  std::vector<std::string> values;
  std::vector<std::string> files;
};

// The host's guard lists that hold the value: a match on such a one deserves a second look.
void add_guard_notes(const Warninglists& lists, json& answer) {
  const auto type = parse_indicator_type(text_at(answer, "/type"));
  const char* path = answer.contains("canonical") ? "/canonical" : "/value";
  if (!type) return;
  json notes = json::array();
  for (const auto& hit : lists.hits(*type, text_at(answer, path)))
    notes.push_back({{"list", hit.list->name},
                     {"version", hit.list->version},
                     {"effect", to_string(hit.list->effect)}});
  if (!notes.empty()) answer["guard"] = std::move(notes);
}

void show_notes(const Context& context, const json& answer) {
  if (const json* notes = find_at(answer, "/guard"))
    for (const auto& note : *notes)
      context.out.line(context.out.paint(
          Tone::kDim,
          fmt::format("  on the guard list \"{}\", version {}: {}", text_at(note, "/list"),
                      text_at(note, "/version"), text_at(note, "/effect"))));
}

// One answer about one value, the same shape offline and from the daemon.
int show_check(const Context& context, const json& answer) {
  context.out.document(answer);
  const auto value = text_at(answer, "/value", 300);
  if (const auto error = text_at(answer, "/error"); !error.empty()) {
    context.out.problem(error);
    return kError;
  }
  const json* matches = find_at(answer, "/matches");
  if (matches == nullptr || !matches->is_array() || matches->empty()) {
    context.out.line(fmt::format("{}: no match", value));
    show_notes(context, answer);
    return kDone;
  }
  for (const auto& match : *matches)
    context.out.line(
        fmt::format("{}: {}", context.out.paint(Tone::kBad, value), indicator_text(match)));
  show_notes(context, answer);
  return kFound;
}

// An error outranks a match, and a match outranks none: who asks for several must not miss that one
// of them was not looked up.
int worse(int a, int b) {
  return std::max(a, b);
}

json check_offline(const Index& index, const std::string& value) {
  const auto checked = check_value(index, value, SystemClock().wall_ns());
  if (!checked) return {{"value", value}, {"error", checked.error().message}};
  return {{"value", value},
          {"canonical", checked->canonical},
          {"type", to_string(checked->type)},
          {"matches", to_json(checked->matches)}};
}

int run_check(Context& context, const CheckOptions& options) {
  int code = kDone;
  const auto lists = Warninglists::of_host(load_config({}).config.state_dir);
  if (!options.files.empty()) {
    const auto store = load_indicators(context, options.files);
    if (!store) return store.error();
    for (const auto& value : options.values) {
      auto answer = check_offline(*store->current(), value);
      add_guard_notes(lists, answer);
      code = worse(code, show_check(context, answer));
    }
    return code;
  }
  const int end = stream_from_daemon(context, "check", {{"values", options.values}},
                                     [&](std::string_view text) {
                                       auto answer = json::parse(text, nullptr, false);
                                       add_guard_notes(lists, answer);
                                       code = worse(code, show_check(context, answer));
                                     });
  return end == kDone ? code : end;
}

int show_sets(const Context& context, const json& indicators) {
  context.out.document(indicators);
  for (const auto& line : set_lines(indicators, context.out)) context.out.line(line);
  if (count_at(indicators, "/total") == 0)
    context.out.line(
        "the daemon watches for no indicator; see indicators.paths in tocsin config show");
  return kDone;
}

int list_review(Context& context, const std::string& set) {
  std::uint64_t rows = 0;
  const int code =
      stream_from_daemon(context, "review", {{"set", set}}, [&](std::string_view text) {
        ++rows;
        context.out.document_text(text);
        context.out.line(indicator_text(json::parse(text, nullptr, false)));
      });
  if (code == kDone && rows == 0) context.out.line("nothing waits for a person");
  return code;
}

int show_stats(const Context& context, const json& indicators) {
  std::map<std::string, std::uint64_t> by_type;
  std::uint64_t sets = 0, refused = 0;
  if (const json* list = find_at(indicators, "/sets"); list != nullptr && list->is_array()) {
    for (const auto& set : *list) {
      if (count_at(set, "/exempts") == 0) ++sets;
      refused += count_at(set, "/refused");
      const json* types = find_at(set, "/by_type");
      if (types == nullptr || !types->is_object()) continue;
      for (const auto& [type, count] : types->items())
        if (count.is_number_unsigned()) by_type[type] += count.get<std::uint64_t>();
    }
  }
  const auto total = count_at(indicators, "/total");
  context.out.document(
      {{"total", total}, {"sets", sets}, {"rows_by_type", by_type}, {"refused", refused}});
  context.out.line(fmt::format("{:<12}{}", "values", total));
  context.out.line(fmt::format("{:<12}{}", "sets", sets));
  for (const auto& [type, count] : by_type)
    context.out.line(fmt::format("{:<12}{} rows", type, count));
  context.out.line(fmt::format("{:<12}{} lines", "refused", refused));
  return kDone;
}

int show_reload(const Context& context, const json& answer) {
  context.out.document(answer);
  context.out.line(fmt::format("{} indicators in {} sets, {} lines refused",
                               text_at(answer, "/total"), text_at(answer, "/sets"),
                               text_at(answer, "/refused")));
  const json* errors = find_at(answer, "/errors");
  if (errors == nullptr || !errors->is_array() || errors->empty()) return kDone;
  for (const auto& error : *errors) context.out.problem(text_at(error, ""));
  context.out.hint("the content these files had before stays active");
  return kError;
}

}  // namespace

Runner declare_ioc_check(CLI::App& app) {
  const auto options = std::make_shared<CheckOptions>();
  app.add_option("VALUE", options->values, "Digest, address, network, name, URL or path")
      ->required();
  app.add_option("--file,--ioc", options->files, "Look in these files instead of asking the daemon")
      ->type_name("FILE")
      ->allow_extra_args(false);  // what follows is not another one
  return [options](Context& context) { return run_check(context, *options); };
}

Runner declare_ioc_list(CLI::App& app) {
  struct Options {
    bool review = false;
    std::string set;
  };
  const auto options = std::make_shared<Options>();
  app.add_flag("--review", options->review, "Show the rows that are held back for a person");
  app.add_option("--set", options->set, "With --review: only this set")->type_name("SET");
  return [options](Context& context) {
    if (options->review) return list_review(context, options->set);
    return ask_daemon(context, "indicators", json::object(),
                      [&](const json& answer) { return show_sets(context, answer); });
  };
}

Runner declare_ioc_stats(CLI::App&) {
  return [](Context& context) {
    return ask_daemon(context, "indicators", json::object(),
                      [&](const json& answer) { return show_stats(context, answer); });
  };
}

Runner declare_ioc_reload(CLI::App&) {
  return [](Context& context) {
    return change_daemon(context, "reload", json::object(),
                         [&](const json& answer) { return show_reload(context, answer); });
  };
}

}  // namespace tocsin::cli
