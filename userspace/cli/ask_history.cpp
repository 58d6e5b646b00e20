// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/ask_history.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "cli/daemon_link.hpp"
#include "cli/indicator_files.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_view.hpp"
#include "cli/pace.hpp"
#include "control/hunt_request.hpp"
#include "daemon/config.hpp"
#include "history/history_limits.hpp"
#include "history/hunt_json.hpp"
#include "history/schema.hpp"
#include "indicators/set_writer.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kHuntLookEveryMs = 100;

// What is matched of a row as the daemon exports it.
std::optional<HuntValue> exported_value(const json& row) {
  const auto type = parse_indicator_type(text_at(row, "/type"));
  if (!type || (*type == IndicatorType::kUrl && !flag_at(row, "/host_match"))) return std::nullopt;
  const auto* text = find_at(row, "/value");
  if (text == nullptr || !text->is_string()) return std::nullopt;
  auto value = make_hunt_value(*type, text->get_ref<const std::string&>());
  if (!value) return std::nullopt;
  value->exact = text_at(row, "/match") == "exact";
  return std::move(*value);
}

}  // namespace

Result<HistorySource> HistorySource::open(const Context& context, const std::string& state_dir) {
  HistorySource out;
  out.state_dir_ = state_dir.empty() ? load_config({}).config.state_dir : state_dir;
  if (state_dir.empty()) {
    auto client = reach_daemon(context);
    if (client) {
      out.client_.emplace(std::move(*client));
      return out;
    }
    if (client.error().code != ErrorCode::kNotFound && client.error().code != ErrorCode::kIo)
      return std::unexpected(std::move(client).error());
  }
  TOCSIN_TRY(auto reader, HistoryReader::open(fs::path(out.state_dir_) / kHistoryFolder));
  out.reader_.emplace(std::move(reader));
  return out;
}

Result<json> HistorySource::ask_files(std::span<const HuntValue> some, const Question& question,
                                      const std::stop_token& stop) {
  HuntOptions options;
  options.since_ns = question.since_ns;
  options.now_ns = SystemClock().wall_ns();
  options.fold_window_ns = limits::kFoldWindowNs;
  options.stop = stop;
  options.occurrences = question.values.size() <= limits::kHuntOccurringMax;
  TOCSIN_TRY(const auto report, hunt(*reader_, {some.begin(), some.end()}, options));
  return to_json(*reader_, report);
}

// The daemon may be minutes at it, and says nothing meanwhile: the user need not wait so long.
Result<json> HistorySource::ask_daemon_part(const json& arguments, const Interrupt& interrupt) {
  const auto until = std::chrono::steady_clock::now() + control::Client::kChangeTimeout;
  TOCSIN_TRY_VOID(client_->request("hunt", arguments));
  pollfd readable{client_->socket_fd(), POLLIN, 0};
  while (!client_->has_buffered() && poll(&readable, 1, kHuntLookEveryMs) <= 0) {
    if (interrupt.asked())
      return fail(ErrorCode::kBusy, "stopped before the daemon had answered: nothing is known");
    if (std::chrono::steady_clock::now() > until) break;  // next() tells it
  }
  TOCSIN_TRY(const auto item, client_->next());
  if (!item) return fail(ErrorCode::kInvalidInput, "the daemon's answer is empty");
  TOCSIN_TRY_VOID(client_->next());
  return json::parse(item->json, nullptr, false);
}

Result<json> HistorySource::ask(Context& context, const Question& question) {
  json all;
  std::size_t done = 0;
  const Pace pace;
  const Interrupt interrupt;
  const StopOnInterrupt stop(interrupt);
  bool cut = false;
  const auto go_on = [&] { return !cut && (done == 0 || !interrupt.asked()); };
  const auto take = [&](Result<json> answer, std::size_t values) -> Result<void> {
    if (!answer) {
      context.out.end_progress();
      return std::unexpected(std::move(answer).error());
    }
    if (!answer->is_object())
      return fail(ErrorCode::kInvalidInput, "the daemon's answer is not one of a hunt");
    merge_hunts(all, std::move(*answer));
    done += values;
    context.out.progress(pace.words(done, question.values.size(), "values"));
    return {};
  };
  context.out.progress("asking the history");
  if (client_) {
    for (const auto& part : control::hunt_requests(question.values, question.since_ns)) {
      if (!go_on()) break;
      auto answer = ask_daemon_part(part.arguments, interrupt);
      cut = !answer && interrupt.asked() && done > 0;  // what was answered before counts
      if (!cut) TOCSIN_TRY_VOID(take(std::move(answer), part.values));
    }
  } else {
    for (std::span rest(question.values); !rest.empty() && go_on();) {
      const auto some = rest.first(std::min(rest.size(), limits::kHuntValuesMax));
      rest = rest.subspan(some.size());
      TOCSIN_TRY_VOID(take(ask_files(some, question, stop.token()), some.size()));
    }
  }
  context.out.end_progress();
  // What is left was not looked for, or a file was not read to its end.
  if (done < question.values.size() || (!client_ && interrupt.asked())) all["stopped"] = true;
  return all;
}

Result<std::vector<HuntValue>> HistorySource::values_of_set(const Context& context,
                                                            const std::string& set) {
  std::vector<HuntValue> out;
  const auto take = [&](std::optional<HuntValue> value) {
    if (value) out.push_back(std::move(*value));
  };
  if (client_) {
    TOCSIN_TRY_VOID(client_->request("export", {{"set", set}}));
    for (;;) {
      TOCSIN_TRY(const auto item, client_->next());
      if (!item) return out;
      take(exported_value(json::parse(item->json, nullptr, false)));
    }
  }
  auto paths = load_config({}).config.indicators.paths;
  paths.push_back(state_dir_ + "/iocs");
  paths.push_back(state_dir_ + "/feeds");
  std::erase_if(paths, [](const std::string& path) {
    std::error_code ignored;
    return !fs::exists(path, ignored);
  });
  const auto store = load_indicators(context, paths);
  if (!store) return fail(ErrorCode::kInvalidInput, "the sets of this host could not be read");
  for (const auto& image : store->current()->images())
    image->for_each([&](std::uint32_t, const SetMeta& meta, const IndicatorRow& row) {
      if (meta.set == set) take(matched_value(row));
    });
  if (out.empty())
    return fail(ErrorCode::kNotFound, fmt::format("there is no set {} on this host", set));
  return out;
}

std::optional<HuntValue> matched_value(const IndicatorRow& row) {
  if (row.type == IndicatorType::kUrl && !row.host_match) return std::nullopt;
  auto value = make_hunt_value(row.type, value_text(row));
  if (!value) return std::nullopt;
  value->exact = row.exact;
  return std::move(*value);
}

int tell_no_history(const Context& context, const std::string& state_dir, const Error& error) {
  if (error.code != ErrorCode::kNotFound || !state_dir.empty()) {
    context.out.problem(printable(error.message));
    if (error.code == ErrorCode::kNotFound)
      context.out.hint(
          "DIR is the state_dir of a host, or what `tocsin replay FILE --state-dir DIR` made");
    if (error.code == ErrorCode::kPermission)
      context.out.hint("use sudo, or join the group that may ask");
    return kError;
  }
  context.out.problem("tocsind is not reachable, and there is no history to read instead: " +
                      printable(error.message));
  context.out.hint(
      "start it (sudo systemctl start tocsind), name its socket with --socket PATH, or");
  context.out.hint("name the state_dir of a host that was watched with --state-dir DIR");
  return kNoDaemon;
}

}  // namespace tocsin::cli
