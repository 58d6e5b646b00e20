// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_question.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_depth.hpp"
#include "fleet/hunt_limits.hpp"
#include "history/history_limits.hpp"
#include "signature/base64.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

// The first line, signed with what follows the third: no text signed for anything else begins so.
constexpr std::string_view kDomain = "tocsin-hunt-1\n";
constexpr std::size_t kBodyDepthMax = 4;
constexpr std::size_t kSiteBytesMax = 64;
constexpr std::int64_t kSecondsMax = 9'000'000'000;  // fits WallNs

// Crockford's base 32, as ULIDs have it (github.com/ulid/spec), in lower case: it stands in a
// subject.
constexpr std::string_view kUlidDigits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kUlidBytes = 26;
constexpr std::size_t kUlidTimeDigits = 10;
constexpr std::int64_t kNsPerMillisecond = 1'000'000;

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message));
}

Result<std::int64_t> whole_number(const json& body, const char* name, std::int64_t most) {
  const auto it = body.find(name);
  if (it == body.end() || !it->is_number_unsigned() ||
      it->get<std::uint64_t>() > static_cast<std::uint64_t>(most))
    return bad(fmt::format("{}: a whole number up to {} is expected", name, most));
  return it->get<std::int64_t>();
}

Result<std::string> text(const json& body, const char* name, std::size_t bytes_max) {
  const auto it = body.find(name);
  const auto* value = it == body.end() ? nullptr : it->get_ptr<const std::string*>();
  if (value == nullptr || value->empty() || value->size() > bytes_max)
    return bad(fmt::format("{}: a text of 1 to {} bytes is expected", name, bytes_max));
  return *value;
}

Result<HuntValue> hunt_value(const json& entry) {
  if (!entry.is_object()) return bad("values: objects are expected");
  TOCSIN_TRY(const auto type_name, text(entry, "type", 16));
  TOCSIN_TRY(const auto value, text(entry, "value", limits::kHistoryTextBytesMax));
  const auto type = parse_indicator_type(type_name);
  if (!type) return bad("type: a type of indicator is expected");
  TOCSIN_TRY(auto out, make_hunt_value(*type, value));
  const auto exact = entry.find("exact");
  out.exact = exact != entry.end() && exact->is_boolean() && exact->get<bool>();
  return out;
}

Result<std::vector<HuntValue>> hunt_values(const json& body) {
  const auto list = body.find("values");
  if (list == body.end() || !list->is_array() || list->empty())
    return bad("values: at least one is expected");
  if (list->size() > limits::kHuntValuesMax)
    return fail(ErrorCode::kLimit, fmt::format("{} values in one question; the most is {}",
                                               list->size(), limits::kHuntValuesMax));
  std::vector<HuntValue> out;
  out.reserve(list->size());
  for (const auto& entry : *list) {
    TOCSIN_TRY(auto value, hunt_value(entry));
    out.push_back(std::move(value));
  }
  return out;
}

Result<HuntQuestion> parse_body(std::string_view bytes) {
  if (!json_nested_within(bytes, kBodyDepthMax)) return bad("it nests too deeply");
  const auto body = json::parse(bytes, nullptr, false);
  if (!body.is_object()) return bad("it is not a JSON object");
  HuntQuestion out;
  TOCSIN_TRY(out.id, text(body, "hunt", kUlidBytes));
  if (!hunt_id_time(out.id)) return bad("hunt: a ULID is expected");
  TOCSIN_TRY(out.site, text(body, "site", kSiteBytesMax));
  TOCSIN_TRY(const auto issued, whole_number(body, "issued", kSecondsMax));
  TOCSIN_TRY(const auto expires, whole_number(body, "expires", kSecondsMax));
  TOCSIN_TRY(out.wait_s, whole_number(body, "wait", kSecondsMax));
  out.issued_ns = issued * kNsPerSecond;
  out.expires_ns = expires * kNsPerSecond;
  if (out.expires_ns <= out.issued_ns ||
      out.expires_ns - out.issued_ns > static_cast<WallNs>(limits::kQuestionLifeNs))
    return bad("expires: at most seven days after it was issued are expected");
  if (body.contains("since")) {
    TOCSIN_TRY(const auto since, whole_number(body, "since", kSecondsMax));
    out.since_ns = since * kNsPerSecond;
  }
  TOCSIN_TRY(out.values, hunt_values(body));
  return out;
}

// Three lines and a body.
struct Envelope {
  Ed25519Public key{};
  Ed25519Signature signature{};
  std::string_view body;
};

Result<Envelope> open_envelope(std::string_view bytes) {
  if (bytes.size() > limits::kQuestionBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("a question of {} bytes; the most is {}",
                                               bytes.size(), limits::kQuestionBytesMax));
  const auto not_one = [] { return bad("it is not a signed question"); };
  if (!bytes.starts_with(kDomain)) return not_one();
  bytes.remove_prefix(kDomain.size());
  Envelope out;
  const auto take_line = [&](std::span<std::uint8_t> into) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos || !from_base64(bytes.substr(0, end), into)) return false;
    bytes.remove_prefix(end + 1);
    return true;
  };
  if (!take_line(out.key) || !take_line(out.signature)) return not_one();
  out.body = bytes;
  return out;
}

std::string signed_part(std::string_view body) {
  return fmt::format("{}{}", kDomain, body);
}

}  // namespace

std::string new_hunt_id(WallNs now_ns) {
  std::array<std::uint8_t, kUlidBytes - kUlidTimeDigits> random{};
  RAND_bytes(random.data(), static_cast<int>(random.size()));
  std::string out(kUlidBytes, '0');
  auto time_ms = static_cast<std::uint64_t>(now_ns / kNsPerMillisecond);
  for (std::size_t i = kUlidTimeDigits; i > 0; --i, time_ms >>= 5)
    out[i - 1] = kUlidDigits[time_ms & 31];
  for (std::size_t i = 0; i < random.size(); ++i)
    out[kUlidTimeDigits + i] = kUlidDigits[random[i] & 31];
  return out;
}

std::optional<WallNs> hunt_id_time(std::string_view id) {
  if (id.size() != kUlidBytes || id[0] > '7') return std::nullopt;
  std::uint64_t time_ms = 0;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const auto digit = kUlidDigits.find(id[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    if (i < kUlidTimeDigits) time_ms = time_ms << 5 | digit;
  }
  if (time_ms > static_cast<std::uint64_t>(kSecondsMax) * 1000) return std::nullopt;
  return static_cast<WallNs>(time_ms) * kNsPerMillisecond;
}

Result<std::string> sign_question(const HuntQuestion& question, const Ed25519Key& key) {
  if (question.values.size() > limits::kHuntValuesMax)
    return fail(ErrorCode::kLimit, fmt::format("{} values in one question; the most is {}",
                                               question.values.size(), limits::kHuntValuesMax));
  json body = {{"hunt", question.id},
               {"site", question.site},
               {"issued", question.issued_ns / kNsPerSecond},
               {"expires", question.expires_ns / kNsPerSecond},
               {"wait", question.wait_s},
               {"values", json::array()}};
  if (question.since_ns) body["since"] = *question.since_ns / kNsPerSecond;
  for (const auto& value : question.values) {
    json entry = {{"type", to_string(value.type)}, {"value", value.text}};
    if (value.exact) entry["exact"] = true;
    body["values"].push_back(std::move(entry));
  }
  const auto text = body.dump(-1, ' ', false, json::error_handler_t::replace);
  TOCSIN_TRY_VOID(parse_body(text));
  TOCSIN_TRY(const auto signature, key.sign(signed_part(text)));
  auto out =
      fmt::format("{}{}\n{}\n{}", kDomain, to_base64(key.public_key()), to_base64(signature), text);
  if (out.size() > limits::kQuestionBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("a question of {} bytes; the most is {}: ask for "
                                               "fewer values at once",
                                               out.size(), limits::kQuestionBytesMax));
  return out;
}

Result<SignedQuestion> read_question(std::string_view bytes, std::span<const Ed25519Public> keys) {
  TOCSIN_TRY(const auto envelope, open_envelope(bytes));
  if (std::ranges::find(keys, envelope.key) == keys.end())
    return fail(
        ErrorCode::kPermission,
        fmt::format("it is signed by {}, which hunt_keys does not list", to_base64(envelope.key)));
  if (!verify_ed25519(envelope.key, signed_part(envelope.body), envelope.signature))
    return fail(ErrorCode::kPermission, "its signature does not fit");
  TOCSIN_TRY(auto question, parse_body(envelope.body));
  return SignedQuestion{std::move(question), envelope.key};
}

Result<SignedQuestion> read_unverified_question(std::string_view bytes) {
  TOCSIN_TRY(const auto envelope, open_envelope(bytes));
  TOCSIN_TRY(auto question, parse_body(envelope.body));
  return SignedQuestion{std::move(question), envelope.key};
}

}  // namespace tocsin::fleet
