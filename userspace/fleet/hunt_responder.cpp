// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_responder.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "control/client.hpp"
#include "control/hunt_request.hpp"
#include "fleet/hunt_limits.hpp"
#include "fleet/hunt_reply.hpp"
#include "history/hunt_json.hpp"
#include "signature/base64.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

constexpr std::uint64_t kTickUs = 1'000'000;
constexpr BootNs kLookEveryNs = 300ULL * kNsPerSecond;
constexpr BootNs kRetryNs = 5ULL * kNsPerSecond;
constexpr BootNs kLogEveryNs = 60ULL * kNsPerSecond;  // of what strangers send
constexpr std::size_t kMissedAtOnce = 16;             // at most kQuestionBytesMax each
constexpr Milliseconds kMissedWait{5'000};
constexpr std::size_t kValuesALine = 50;

Result<std::vector<Ed25519Public>> keys_of(const std::vector<std::string>& texts) {
  std::vector<Ed25519Public> out;
  for (const auto& text : texts) {
    Ed25519Public key{};
    if (!from_base64(text, key))
      return fail(ErrorCode::kInvalidInput,
                  fmt::format("fleet.hunt_keys: '{}' is no public key as tocsin fleet hunt-key "
                              "prints it",
                              printable(text, 80)));
    out.push_back(key);
  }
  return out;
}

bool may_pass(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kIo || code == ErrorCode::kBusy;
}

// Who looks into this host, and for what, stays in its own log.
void log_question(const SignedQuestion& asked) {
  const auto& question = asked.question;
  spdlog::info("hunt {}: {} values{}, signed by {}", question.id, question.values.size(),
               question.since_ns ? " since " + format_time_utc(*question.since_ns) : std::string(),
               to_base64(asked.key));
  std::string line;
  for (std::size_t i = 0; i < question.values.size(); ++i) {
    line += fmt::format(" {}", printable(question.values[i].text, 256));
    if ((i + 1) % kValuesALine != 0 && i + 1 != question.values.size()) continue;
    spdlog::info("hunt {}:{}", question.id, line);
    line.clear();
  }
}

}  // namespace

Result<void> HuntResponder::start() {
  const auto& config = context_.config.fleet;
  TOCSIN_TRY(auto keys, keys_of(config.hunt_keys));
  if (keys.empty()) {
    spdlog::info("no fleet.hunt_keys: questions to all hosts are not answered");
    return {};
  }
  TOCSIN_TRY(gate_, HuntGate::open({context_.subjects.site(), std::move(keys),
                                    config.state_dir + "/hunts.json"},
                                   context_.clock));
  TOCSIN_TRY(questions_,
             context_.connection.subscribe(context_.subjects.hunts(),
                                           [this](Message message) { take(message.data); }));
  TOCSIN_TRY(timer_, context_.loop.add_timer(kTickUs, [this] {
    timer_.rearm_us(kTickUs);
    if (context_.clock.boot_ns() >= next_look_ns_) look();
    next();
  }));
  return {};
}

void HuntResponder::connected(bool up) {
  if (up) look();
}

bool HuntResponder::has_place(std::size_t bytes) const {
  return waiting_.size() < limits::kQuestionsWaitingMax &&
         waiting_bytes_ + bytes <= limits::kQuestionBytesWaitingMax;
}

// What came while this host was away, or was lost on the way: as many as there are places.
void HuntResponder::look() {
  if (!gate_ || looking_ || !context_.connection.connected()) return;
  if (!has_place(0)) return;  // the timer asks again
  looking_ = true;
  const auto most = std::min(kMissedAtOnce, limits::kQuestionsWaitingMax - waiting_.size());
  next_look_ns_ = context_.clock.boot_ns() + kLookEveryNs;
  context_.worker.submit([this, from = next_sequence_, most]() -> Worker::OnLoop {
    return [this, missed = fetch_missed(from, most)]() mutable { take_missed(std::move(missed)); };
  });
}

void HuntResponder::take_missed(Missed missed) {
  looking_ = false;
  for (const auto& message : missed.messages) {
    if (!has_place(message.data.size())) {  // others came meanwhile: it stays in the stream
      next_look_ns_ = 0;
      return;
    }
    if (!take(message.data) && !not_yet_) not_yet_ = message.sequence;
    next_sequence_ = message.sequence + 1;
  }
  if (missed.more) {
    next_look_ns_ = 0;
    look();
  } else if (not_yet_) {
    next_sequence_ = *std::exchange(not_yet_, std::nullopt);
  }
}

HuntResponder::Missed HuntResponder::fetch_missed(std::uint64_t from, std::size_t most) const {
  Missed out;
  while (out.messages.size() < most) {
    auto message =
        context_.connection.next_of(kStreamHunts, from, context_.subjects.hunts(), kMissedWait);
    if (!message) {
      if (message.error().code != ErrorCode::kNotFound)
        spdlog::warn("looking for questions that were missed: {}", message.error().message);
      return out;
    }
    if (message->sequence < from) return out;  // no broker that does so is asked again
    from = message->sequence + 1;
    out.messages.push_back(std::move(*message));
  }
  out.more = true;
  return out;
}

bool HuntResponder::take(std::string_view bytes) {
  auto asked = gate_->admit(bytes);
  if (!asked) {
    note_refusal(asked.error());
    return asked.error().code != ErrorCode::kBusy;
  }
  log_question(*asked);
  if (!has_place(bytes.size())) {
    reply(asked->question,
          make_refusal({asked->question.id, context_.host, TOCSIN_VERSION},
                       fmt::format("{} questions wait on this host already: ask again later",
                                   waiting_.size())));
    return true;
  }
  waiting_bytes_ += bytes.size();
  waiting_.push_back({std::move(*asked), bytes.size(), {}});
  next();
  return true;
}

void HuntResponder::note_refusal(const Error& error) {
  if (error.code == ErrorCode::kNotFound) return;
  const auto now = context_.clock.boot_ns();
  if (now < next_log_ns_) {
    ++not_logged_;
    return;
  }
  next_log_ns_ = now + kLogEveryNs;
  spdlog::warn("a question was refused: {}{}", error.message,
               not_logged_ > 0 ? fmt::format(" ({} more since the last line)", not_logged_) : "");
  not_logged_ = 0;
}

void HuntResponder::next() {
  if (asking_ || waiting_.empty() || context_.clock.boot_ns() < next_try_ns_) return;
  if (!waiting_.front().first_try_ns && !gate_->take_turn()) return;
  auto one = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= one.bytes;
  if (gate_->expired(one.asked.question)) {
    spdlog::warn("hunt {}: expired while it waited", one.asked.question.id);
    return gate_->forget(one.asked.question);
  }
  if (!one.first_try_ns) one.first_try_ns = context_.clock.boot_ns();
  asking_ = true;
  context_.worker.submit([this, one = std::move(one)]() mutable -> Worker::OnLoop {
    auto answer = ask_(one.asked.question);
    return [this, one = std::move(one), answer = std::move(answer)]() mutable {
      finish(std::move(one), std::move(answer));
    };
  });
}

void HuntResponder::finish(Waiting one, Result<json> answer) {
  asking_ = false;
  const auto& question = one.asked.question;
  const ReplyHead head{question.id, context_.host, TOCSIN_VERSION};
  if (answer) {
    reply(question, make_reply(head, *answer));
  } else if (const auto now = context_.clock.boot_ns();
             may_pass(answer.error().code) &&
             now < *one.first_try_ns + limits::kQuestionDaemonWaitNs) {
    next_try_ns_ = now + kRetryNs;
    waiting_bytes_ += one.bytes;
    waiting_.push_front(std::move(one));
  } else {
    spdlog::warn("hunt {}: {}", question.id, answer.error().message);
    reply(question, make_refusal(head, "tocsind did not answer: " + answer.error().message));
  }
  next();
}

void HuntResponder::reply(const HuntQuestion& question, std::string_view text) {
  if (const auto shipped = context_.ship(Kind::kReply, text); !shipped) {
    spdlog::error("hunt {}: its answer could not be kept: {}", question.id,
                  shipped.error().message);
    next_sequence_ = 1;  // found again by the next look, a few minutes from now
    return gate_->forget(question);
  }
  if (const auto kept = gate_->remember(question); !kept)
    spdlog::error("{}: after a restart hunt {} would be answered again", kept.error().message,
                  question.id);
}

void HuntResponder::describe(json& beat) const {
  if (!gate_) return;
  const auto& counts = gate_->counts();
  beat["hunts"] = {{"answered", counts.answered},
                   {"refused", counts.refused},
                   {"unsigned", counts.unsigned_},
                   {"waiting", waiting_.size()}};
}

HuntResponder::Ask ask_daemon(std::string socket) {
  return [socket = std::move(socket)](const HuntQuestion& question) -> Result<json> {
    TOCSIN_TRY(auto client, control::Client::connect(socket));
    json all;
    for (const auto& part : control::hunt_requests(question.values, question.since_ns)) {
      TOCSIN_TRY(auto answer, client.ask("hunt", part.arguments, control::Client::kChangeTimeout));
      merge_hunts(all, std::move(answer));
    }
    if (!all.is_object()) return fail(ErrorCode::kInternal, "its answer is not one of a hunt");
    return all;
  };
}

}  // namespace tocsin::fleet
