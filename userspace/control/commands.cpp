// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/commands.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "control/arguments.hpp"
#include "control/protocol.hpp"
#include "control/response_commands.hpp"
#include "control/set_commands.hpp"
#include "history/history_limits.hpp"

namespace tocsin::control {
namespace {

using nlohmann::json;

Result<Answer> status(Backend& backend, CommandInput&) {
  TOCSIN_TRY(const json item, backend.status());
  return one_item(item);
}

Result<Answer> metrics(Backend& backend, CommandInput&) {
  TOCSIN_TRY(const json item, backend.metrics());
  return one_item(item);
}

Result<Answer> alerts(Backend& backend, CommandInput& input) {
  AlertFilter filter;
  TOCSIN_TRY(filter.since_ns, time_argument(input.arguments, "since"));
  TOCSIN_TRY(filter.after, text_argument(input.arguments, "after"));
  TOCSIN_TRY(const std::string severity, text_argument(input.arguments, "severity"));
  TOCSIN_TRY(const bool follow, bool_argument(input.arguments, "follow"));
  if (!severity.empty()) {
    const auto least = parse_severity(severity);
    if (!least) return bad_argument("severity", "info, low, medium, high or critical is expected");
    filter.least = *least;
  }
  Answer answer;
  TOCSIN_TRY(answer.items, backend.alerts(filter));
  answer.follow = follow;
  if (follow) answer.alerts_from = filter.least;
  return answer;
}

Result<Answer> explain(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(const std::string id, text_argument(input.arguments, "alert"));
  if (id.empty()) return bad_argument("alert", "an alert id is expected");
  TOCSIN_TRY(std::string alert, backend.explain(id));
  return answer_of({std::move(alert)});
}

Result<Answer> events(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(const auto kinds, texts_argument(input.arguments, "kinds"));
  TOCSIN_TRY(const bool follow, bool_argument(input.arguments, "follow"));
  EventKindMask mask = kinds.empty() ? kAllEventKinds : 0;
  for (const auto& kind : kinds) {
    const auto bit = event_kind_bit(kind);
    if (bit == 0)
      return bad_argument("kinds", fmt::format("there is no kind \"{:.40}\"; there are {}", kind,
                                               fmt::join(kEventKinds, ", ")));
    mask |= bit;
  }
  Answer answer;
  TOCSIN_TRY(answer.items, backend.events(mask));
  answer.follow = follow;
  if (follow) answer.events = mask;
  return answer;
}

Result<Answer> beacons(Backend& backend, CommandInput& input) {
  const auto it = input.arguments.find("min");
  const double least = it == input.arguments.end() ? 0 : it->is_number() ? it->get<double>() : -1;
  if (!(least >= 0 && least <= 1)) return bad_argument("min", "a number from 0 to 1 is expected");
  Answer answer;
  TOCSIN_TRY(answer.items, backend.beacons(least));
  return answer;
}

Result<Answer> who(Backend& backend, CommandInput&) {
  Answer answer;
  TOCSIN_TRY(answer.items, backend.who());
  return answer;
}

Result<Answer> indicators(Backend& backend, CommandInput&) {
  TOCSIN_TRY(const json item, backend.indicators());
  return one_item(item);
}

Result<Answer> check(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(const auto values, texts_argument(input.arguments, "values"));
  if (values.empty()) return bad_argument("values", "at least one value is expected");
  std::vector<std::string> items;
  for (const auto& value : values) {
    const auto item = backend.check(value);
    // One value that is none must not cost the others their answer.
    items.push_back(dump(item ? *item : json{{"value", value}, {"error", item.error().message}}));
  }
  return answer_of(std::move(items));
}

// As people type it, or {"type","value","exact"}.
Result<HuntValue> hunt_value(const json& entry) {
  if (const auto* typed = entry.get_ptr<const std::string*>()) return parse_hunt_value(*typed);
  if (!entry.is_object()) return bad_argument("values", "texts and objects are expected");
  TOCSIN_TRY(const auto type_name, needed_text(entry, "type"));
  TOCSIN_TRY(const auto value, needed_text(entry, "value"));
  const auto type = parse_indicator_type(type_name);
  if (!type) return bad_argument("type", "a type of indicator is expected");
  TOCSIN_TRY(auto out, make_hunt_value(*type, value));
  TOCSIN_TRY(out.exact, bool_argument(entry, "exact"));
  return out;
}

Result<Answer> hunt(Backend& backend, CommandInput& input) {
  HuntRequest request;
  TOCSIN_TRY(request.since_ns, time_argument(input.arguments, "since"));
  TOCSIN_TRY(request.occurrences, bool_argument(input.arguments, "occurrences"));
  const auto values = input.arguments.find("values");
  if (values == input.arguments.end() || !values->is_array() || values->empty())
    return bad_argument("values", "an array of at least one value is expected");
  if (values->size() > limits::kHuntValuesMax)
    return fail(ErrorCode::kLimit, fmt::format("{} values in one request; the most is {}",
                                               values->size(), limits::kHuntValuesMax));
  for (const auto& entry : *values) {
    TOCSIN_TRY(auto value, hunt_value(entry));
    request.values.push_back(std::move(value));
  }
  return later([&](Done done, std::function<bool()> wanted) {
    request.wanted = std::move(wanted);
    backend.hunt(std::move(request), std::move(done));
  });
}

Result<std::optional<std::uint64_t>> number_argument(const json& arguments, const char* name,
                                                     std::uint64_t most) {
  const auto it = arguments.find(name);
  if (it == arguments.end()) return std::nullopt;
  const bool whole =
      it->is_number_integer() && (it->is_number_unsigned() || it->get<std::int64_t>() >= 0);
  if (!whole || it->get<std::uint64_t>() > most)
    return bad_argument(name, fmt::format("a whole number up to {} is expected", most));
  return it->get<std::uint64_t>();
}

// A SHA-256, or the path of a file that was not hashed.
Result<std::string> program_argument(const json& arguments) {
  TOCSIN_TRY(const auto text, needed_text(arguments, "program"));
  if (const auto digest = Sha256::parse(text)) return to_value(*digest);
  if (!text.starts_with('/')) return bad_argument("program", "a SHA-256 or a path is expected");
  return text;
}

Result<Answer> contacts(Backend& backend, CommandInput& input) {
  const auto& arguments = input.arguments;
  ContactRequest request;
  auto& question = request.question;
  TOCSIN_TRY(question.program, program_argument(arguments));
  if (arguments.contains("container")) {
    TOCSIN_TRY(question.container, text_argument(arguments, "container"));
  }
  TOCSIN_TRY(question.path, text_argument(arguments, "path"));
  TOCSIN_TRY(question.destination, text_argument(arguments, "destination"));
  TOCSIN_TRY(const auto port, number_argument(arguments, "port", UINT16_MAX));
  if (port) question.port = static_cast<std::uint16_t>(*port);
  TOCSIN_TRY(question.dns, bool_argument(arguments, "dns"));
  TOCSIN_TRY(question.since_ns, time_argument(arguments, "since"));
  TOCSIN_TRY(question.about_since_ns, time_argument(arguments, "about_since"));
  TOCSIN_TRY(question.about_until_ns, time_argument(arguments, "about_until"));
  TOCSIN_TRY(const auto pid, number_argument(arguments, "pid", UINT32_MAX));
  TOCSIN_TRY(const auto start, number_argument(arguments, "start", UINT64_MAX));
  if (pid && start) request.process = {static_cast<std::uint32_t>(*pid), *start};
  TOCSIN_TRY(request.boot_id, text_argument(arguments, "boot"));
  return later([&](Done done) { backend.contacts(std::move(request), std::move(done)); });
}

Result<Answer> coverage(Backend& backend, CommandInput& input) {
  CoverageRequest request;
  TOCSIN_TRY(request.since_ns, time_argument(input.arguments, "since"));
  TOCSIN_TRY(request.until_ns, time_argument(input.arguments, "until"));
  return later([&](Done done) { backend.coverage(request, std::move(done)); });
}

Result<Answer> first_seen(Backend& backend, CommandInput& input) {
  TOCSIN_TRY(const auto since, time_argument(input.arguments, "since"));
  if (!since) return bad_argument("since", "Unix seconds are expected");
  return later([&](Done done) { backend.first_seen(*since, std::move(done)); });
}

Result<Answer> reload(Backend& backend, CommandInput&) {
  return later([&](Done done) { backend.reload(std::move(done)); });
}

Result<Answer> selftest(Backend& backend, CommandInput&) {
  return later([&](Done done) { backend.self_test(std::move(done)); });
}

Result<Answer> record(Backend& backend, CommandInput& input) {
  struct stat st {};
  const int flags = input.passed ? fcntl(input.passed.get(), F_GETFL) : -1;
  // A pipe or a device could make the daemon wait for a stranger.
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(input.passed.get(), &st) != 0 ||
      !S_ISREG(st.st_mode))
    return fail(ErrorCode::kInvalidInput,
                "record needs a descriptor of a regular file, open for writing, with the request");
  Answer answer;
  TOCSIN_TRY(answer.recording, backend.record(std::move(input.passed)));
  answer.items = items_of({R"({"recording":true})"});
  return answer;
}

constexpr std::array kCommands = {
    Command{"status", Access::kRead, status},
    Command{"alerts", Access::kRead, alerts},
    Command{"explain", Access::kRead, explain},
    Command{"events", Access::kRead, events},
    Command{"beacons", Access::kRead, beacons},
    Command{"who", Access::kRead, who},
    Command{"indicators", Access::kRead, indicators},
    Command{"check", Access::kRead, check},
    Command{"metrics", Access::kRead, metrics},
    Command{"reload", Access::kChange, reload},
    Command{"record", Access::kChange, record},
    Command{"selftest", Access::kChange, selftest},
    Command{"hunt", Access::kRead, hunt},
    Command{"contacts", Access::kRead, contacts},
    Command{"coverage", Access::kRead, coverage},
    Command{"first-seen", Access::kRead, first_seen},
};

}  // namespace

Answer answer_of(std::vector<std::string> items) {
  Answer answer;
  answer.items = items_of(std::move(items));
  return answer;
}

Answer one_item(const json& item) {
  return answer_of({dump(item)});
}

const Command* find_command(std::string_view name) {
  const auto* it = std::ranges::find(kCommands, name, &Command::name);
  if (it != kCommands.end()) return it;
  const auto* response = find_response_command(name);
  return response != nullptr ? response : find_set_command(name);
}

}  // namespace tocsin::control
