// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// hunt and answers: one question to every host, and what they said.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/own_file.hpp"
#include "base/text.hpp"
#include "cli/ask_history.hpp"
#include "cli/hunt_list.hpp"
#include "cli/interrupt.hpp"
#include "cli/time_argument.hpp"
#include "fleet/answer_view.hpp"
#include "fleet/command.hpp"
#include "fleet/hostile_json.hpp"
#include "fleet/hunt_limits.hpp"
#include "fleet/hunt_question.hpp"
#include "fleet/hunt_tally.hpp"
#include "fleet/store.hpp"
#include "fleet/stream_reader.hpp"
#include "history/history_limits.hpp"

namespace tocsin::fleet {
namespace {

constexpr std::uint64_t kTurnUs = 100'000;
constexpr Milliseconds kQuestionWait{10'000};
constexpr std::size_t kKeyBytesMax = 16 * 1024;
constexpr double kWaitMostS = 86'400;

struct HuntOptions {
  cli::HuntListOptions list;
  std::string key;
  double wait_s = 30;
  std::string expires = "7d";
};

Result<Ed25519Key> read_key(const std::string& path) {
  TOCSIN_TRY(const auto bytes, read_own_file(path, kKeyBytesMax));
  if (!bytes)
    return fail(ErrorCode::kNotFound,
                fmt::format("{}: there is no hunt key: tocsin fleet hunt-key -o {}", path, path));
  auto key = Ed25519Key::from_pem({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!key) return fail(key.error().code, fmt::format("{}: {}", path, key.error().message));
  return key;
}

Result<std::vector<HuntValue>> values_of(Context& context, const cli::HuntListOptions& options) {
  cli::HuntList list(context.out);
  TOCSIN_TRY_VOID(list.add(options));
  if (!options.set.empty()) {
    const cli::Context here{context.config.control.socket, context.out};
    TOCSIN_TRY(auto source, cli::HistorySource::open(here, {}));
    TOCSIN_TRY(auto values, source.values_of_set(here, options.set));
    for (auto& value : values) list.add(std::move(value));
  }
  auto values = list.take();
  if (values.empty())
    return fail(ErrorCode::kInvalidInput, "nothing to look for: give values, --set or --file");
  if (values.size() > limits::kHuntValuesMax)
    return fail(ErrorCode::kLimit,
                fmt::format("{} values; one question takes {}. Publish them as a set instead: "
                            "every host matches a new set against its memory",
                            values.size(), limits::kHuntValuesMax));
  return values;
}

Result<HuntQuestion> question_of(Context& context, const HuntOptions& options) {
  HuntQuestion out;
  TOCSIN_TRY(out.values, values_of(context, options.list));
  const auto now = SystemClock().wall_ns();
  out.id = new_hunt_id(now);
  out.site = context.config.fleet.site;
  out.issued_ns = now / kNsPerSecond * kNsPerSecond;
  out.wait_s = static_cast<std::int64_t>(options.wait_s);
  TOCSIN_TRY(const auto life, cli::parse_duration_ns(options.expires));
  out.expires_ns = out.issued_ns + life / kNsPerSecond * kNsPerSecond;
  if (!options.list.since.empty()) {
    TOCSIN_TRY(const auto since, cli::parse_time(options.list.since, now));
    out.since_ns = since / kNsPerSecond * kNsPerSecond;
  }
  return out;
}

// stopped: by Ctrl-C, before the time to wait was over.
int show(Context& context, const HuntTally& tally, bool stopped = false) {
  for (const auto& line : answer_lines(tally, context.out)) context.out.line(line);
  if (context.out.json()) {
    auto answer = tally.to_json();
    if (stopped) answer["stopped"] = true;
    context.out.document(answer);
  }
  if (stopped)
    context.out.problem(
        "stopped: hosts that had not answered may have seen it; their answers: "
        "tocsin fleet answers");
  if (tally.count(HostVerdict::kSeen) > 0) return kFound;
  if (stopped) return kError;
  return tally.told_something() > 0 ? kDone : kNobody;  // "none" needs somebody who says so
}

// Every host whose last beat is kept, and when the broker stored it.
Result<std::map<std::string, WallNs>> known_hosts(Connection& connection,
                                                  const Subjects& subjects) {
  std::map<std::string, WallNs> out;
  TOCSIN_TRY_VOID(read_all(connection,
                           {.stream = kStreamBeats, .subject = subjects.every(Kind::kBeat)},
                           [&](const Message& beat) {
                             const auto up = subjects.parse_up(beat.subject);
                             if (up && !parse_beat(beat.data).is_null())
                               out[up->host] = beat.stored_ns;
                             return true;
                           }));
  return out;
}

// What is needed to collect the answers to a stored question.
struct Asked {
  HuntTally tally;
  ReadFrom replies;
};

// Timed by the broker's clock, as the answers are.
Result<Asked> asked_of(Connection& connection, const Subjects& subjects, const std::string& id) {
  const auto stored = connection.last_of(kStreamHunts, subjects.hunt(id), kQuestionWait);
  if (!stored)
    return fail(stored.error().code, fmt::format("hunt {}: {}", id, stored.error().message));
  TOCSIN_TRY(auto asked, read_unverified_question(stored->data));
  asked.question.issued_ns = stored->stored_ns;
  TOCSIN_TRY(const auto known, known_hosts(connection, subjects));
  return Asked{HuntTally(asked.question, known),
               {.stream = kStreamReplies,
                .subject = subjects.every(Kind::kReply),
                .since_ns = stored->stored_ns - limits::kReplyBeforeNs}};
}

Result<int> hunt(Context& context, const HuntOptions& options) {
  TOCSIN_TRY(const auto key,
             read_key(options.key.empty() ? context.credentials + "/hunt.key" : options.key));
  TOCSIN_TRY(const auto question, question_of(context, options));
  TOCSIN_TRY(const auto bytes, sign_question(question, key));
  TOCSIN_TRY(const auto subjects, context.subjects());
  TOCSIN_TRY(auto loop, EventLoop::create());
  TOCSIN_TRY(const auto connection, context.connect_operator(loop));
  TOCSIN_TRY_VOID(store(*connection, subjects.hunt(question.id), bytes));
  context.out.hint(fmt::format("hunt {}: {} values; what comes later: tocsin fleet answers {}",
                               question.id, question.values.size(), question.id));
  TOCSIN_TRY(auto asked, asked_of(*connection, subjects, question.id));
  auto& tally = asked.tally;
  const bool nobody_known = tally.known() == 0;
  TOCSIN_TRY(const auto reader,
             StreamReader::start(*connection, asked.replies,
                                 [&](const Message& reply) { tally.take(subjects, reply); }));
  const SystemClock clock;
  const auto until = clock.boot_ns() + static_cast<BootNs>(options.wait_s * 1e9);
  const auto left_s = [&] {
    const auto now = clock.boot_ns();
    return now < until ? static_cast<double>(until - now) / 1e9 : 0.0;
  };
  const cli::Interrupt interrupt;
  while (clock.boot_ns() < until && !interrupt.asked() &&
         (nobody_known || tally.count(HostVerdict::kSilent) > 0)) {
    // A signal may end the wait early.
    if (const auto turned = loop.run_once(kTurnUs); !turned && !interrupt.asked())
      return std::unexpected(turned.error());
    context.out.progress(progress_line(tally, left_s()));
  }
  context.out.end_progress();
  return show(context, tally, interrupt.asked() && left_s() > 0);
}

Result<int> answers(Context& context, const std::string& id) {
  TOCSIN_TRY(const auto subjects, context.subjects());
  if (!hunt_id_time(id))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("'{}' is no id of a hunt", printable(id, 80)));
  TOCSIN_TRY(auto loop, EventLoop::create());
  TOCSIN_TRY(const auto connection, context.connect_operator(loop));
  TOCSIN_TRY(auto asked, asked_of(*connection, subjects, id));
  TOCSIN_TRY_VOID(read_all(*connection, asked.replies, [&](const Message& reply) {
    asked.tally.take(subjects, reply);
    return true;
  }));
  return show(context, asked.tally);
}

Result<int> list_hunts(Context& context) {
  TOCSIN_TRY(const auto subjects, context.subjects());
  TOCSIN_TRY(auto loop, EventLoop::create());
  TOCSIN_TRY(const auto connection, context.connect_operator(loop));
  auto list = nlohmann::json::array();
  const auto visit = [&](const Message& message) {
    const auto asked = read_unverified_question(message.data);
    if (!asked) return true;
    const auto& question = asked->question;
    const auto& first = question.values.front().text;
    context.out.line(fmt::format(
        "{}  {}  {}{}", question.id, format_time_utc(question.issued_ns), printable(first, 60),
        question.values.size() > 1 ? fmt::format(" and {} more", question.values.size() - 1)
                                   : std::string()));
    list.push_back({{"hunt", question.id},
                    {"issued", question.issued_ns / kNsPerSecond},
                    {"expires", question.expires_ns / kNsPerSecond},
                    {"values", question.values.size()},
                    {"first", first}});
    return true;
  };
  TOCSIN_TRY_VOID(
      read_all(*connection, {.stream = kStreamHunts, .subject = subjects.hunts()}, visit));
  context.out.document({{"hunts", std::move(list)}});
  return kDone;
}

int ended(const Context& context, const Result<int>& code) {
  return code ? *code : context.failed(code.error());
}

}  // namespace

Runner declare_hunt(CLI::App& app) {
  auto options = std::make_shared<HuntOptions>();
  options->list.declare(app);
  app.add_option("--key", options->key,
                 "The secret hunt key; hunt.key in the folder of --credentials otherwise")
      ->type_name("FILE");
  app.add_option("--wait", options->wait_s, "Seconds to look on while hosts answer")
      ->check(CLI::Range(0.0, kWaitMostS))
      ->type_name("S")
      ->capture_default_str();
  app.add_option("--expires", options->expires,
                 "Hosts that return later do not answer any more; at most 7d")
      ->type_name("D")
      ->capture_default_str();
  return [options](Context& context) { return ended(context, hunt(context, *options)); };
}

Runner declare_answers(CLI::App& app) {
  auto id = std::make_shared<std::string>();
  app.add_option("HUNT", *id, "The id that hunt printed; without it the hunts that are kept");
  return [id](Context& context) {
    return ended(context, id->empty() ? list_hunts(context) : answers(context, *id));
  };
}

}  // namespace tocsin::fleet
