// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_gate.hpp"

#include <fmt/format.h>

#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_depth.hpp"
#include "base/own_file.hpp"
#include "base/text.hpp"
#include "base/write_file.hpp"
#include "fleet/hunt_limits.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

constexpr std::size_t kFileBytesMax = 1024UL * 1024;

}  // namespace

Result<HuntGate> HuntGate::open(Options options, const Clock& clock) {
  HuntGate gate(std::move(options), clock);
  TOCSIN_TRY_VOID(gate.load());
  return gate;
}

// {"ID":EXPIRES,…}, in Unix seconds.
Result<void> HuntGate::load() {
  TOCSIN_TRY(const auto bytes, read_own_file(options_.file, kFileBytesMax));
  if (!bytes) return {};
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const auto damaged = [&] {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{}: is damaged; without it questions of the last seven days could be "
                            "answered again: remove it when you accept that",
                            options_.file));
  };
  if (!json_nested_within(text, 1)) return damaged();
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object()) return damaged();
  for (const auto& [id, expires] : object.items()) {
    if (!hunt_id_time(id) || !expires.is_number_unsigned()) return damaged();
    answered_[id] = expires.get<std::int64_t>() * kNsPerSecond;
  }
  drop_expired();
  return {};
}

void HuntGate::drop_expired() {
  const auto now = clock_->wall_ns();
  std::erase_if(answered_, [&](const auto& entry) { return entry.second <= now; });
}

Result<void> HuntGate::check(const HuntQuestion& question) const {
  const auto now = clock_->wall_ns();
  if (question.site != options_.site)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("it is for the hosts of site {}", printable(question.site, 64)));
  if (expired(question))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("it expired at {}", format_time_utc(question.expires_ns)));
  if (question.issued_ns > now + static_cast<WallNs>(limits::kQuestionAheadNs))
    return fail(ErrorCode::kBusy, fmt::format("it was issued at {}, which is not yet on this host",
                                              format_time_utc(question.issued_ns)));
  if (answered_.size() + waiting_.size() >= limits::kQuestionsRememberedMax)
    return fail(ErrorCode::kLimit, fmt::format("{} questions of the last days are remembered, and "
                                               "no more can be",
                                               answered_.size()));
  return {};
}

Result<SignedQuestion> HuntGate::admit(std::string_view bytes) {
  auto out = read_question(bytes, options_.keys);
  if (!out) {
    const bool no_signature =
        out.error().code == ErrorCode::kPermission || out.error().code == ErrorCode::kInvalidInput;
    ++(no_signature ? counts_.unsigned_ : counts_.refused);
    return out;
  }
  const auto& id = out->question.id;
  drop_expired();
  if (waiting_.contains(id) || answered_.contains(id)) {
    ++counts_.repeated;
    return fail(ErrorCode::kNotFound, "it was admitted before");
  }
  if (auto fits = check(out->question); !fits) {
    ++counts_.refused;
    return std::unexpected(std::move(fits).error());
  }
  waiting_.insert(id);
  return out;
}

bool HuntGate::take_turn() {
  const auto now = clock_->boot_ns();
  std::erase_if(turns_, [&](BootNs turn) { return turn + kMinuteNs <= now; });
  if (turns_.size() >= limits::kQuestionsAMinute) return false;
  turns_.push_back(now);
  return true;
}

bool HuntGate::expired(const HuntQuestion& question) const {
  return question.expires_ns <= clock_->wall_ns();
}

Result<void> HuntGate::remember(const HuntQuestion& question) {
  ++counts_.answered;
  waiting_.erase(question.id);
  answered_[question.id] = question.expires_ns;
  json object = json::object();
  for (const auto& [id, expires] : answered_) object[id] = expires / kNsPerSecond;
  return replace_file(options_.file, object.dump() + "\n", 0600);
}

void HuntGate::forget(const HuntQuestion& question) {
  waiting_.erase(question.id);
}

}  // namespace tocsin::fleet
