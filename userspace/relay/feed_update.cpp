// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/feed_update.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "intake/document_set.hpp"
#include "intake/native_set.hpp"
#include "relay/fetch.hpp"

namespace tocsin::relay {
namespace {

constexpr std::uint64_t kFirstRetryS = 60;
constexpr unsigned kRetryDoublingsMax = 20;
constexpr double kJitterShare = 0.1;

std::string sha256_hex(std::string_view bytes) {
  std::array<std::uint8_t, 32> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return to_hex(digest);
}

// The last part of the address's path: what minisign names as "file:".
std::string_view file_of(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  return url.substr(url.rfind('/') + 1);
}

// A signature says for which file it was made; another file of the same publisher in its place
// would carry a valid one.
Result<void> check_file_name(const FeedConfig& feed, const std::string& comment) {
  static constexpr std::string_view kLabel = "file:";
  const auto at = comment.find(kLabel);
  if (at == std::string::npos) return {};
  const auto name = std::string_view(comment).substr(at + kLabel.size());
  const auto end = name.find_first_of(" \t");
  if (name.substr(0, end) == file_of(feed.url)) return {};
  return fail(ErrorCode::kPermission,
              fmt::format("it is signed as the file {}, not {}", printable(name.substr(0, end), 80),
                          file_of(feed.url)));
}

std::uint64_t answered_count(const nlohmann::json& answer, const char* name) {
  const auto it = answer.find(name);
  return it != answer.end() && it->is_number_unsigned() ? it->get<std::uint64_t>() : 0;
}

}  // namespace

struct FeedUpdate::Taken {
  bool unchanged = false;
  std::string held;  // why a person has to agree first
  Fetched fetched;
  std::string digest;
  std::optional<std::uint64_t> sequence;
  nlohmann::json answer;
};

Result<void> FeedUpdate::check_signature(const FeedConfig& feed, const FeedState& before,
                                         std::string_view content, Taken& taken) const {
  FetchRequest request;
  request.url = feed.url + ".minisig";
  request.ca_file = feed.ca_file;
  request.bytes_max = limits::kFeedSignatureBytesMax;
  request.stop = parts_.stop;
  request.stalled_s = parts_.stalled_s;
  TOCSIN_TRY(const auto file, fetch(request));
  const auto signature = MinisignSignature::parse(file.body);
  if (!signature) return fail(ErrorCode::kInvalidInput, "signature: " + signature.error().message);
  const auto key = std::ranges::find(feed.keys, signature->key, &MinisignKey::id);
  if (key == feed.keys.end())
    return fail(ErrorCode::kPermission, "it is signed by a key that the feed does not name");
  TOCSIN_TRY_VOID(verify(content, *signature, *key));
  TOCSIN_TRY_VOID(check_file_name(feed, signature->trusted_comment));
  taken.sequence = signature->sequence();
  if (!taken.sequence)
    return fail(ErrorCode::kPermission,
                "its trusted comment has no sequence:N, so an old version could not be told from "
                "a new one");
  if (before.sequence && *taken.sequence <= *before.sequence && taken.digest != before.digest)
    return fail(ErrorCode::kPermission,
                fmt::format("its sequence number {} is not above {}, the one that was taken: an "
                            "old version is being replayed",
                            *taken.sequence, *before.sequence));
  return {};
}

Result<std::string> FeedUpdate::convert(const FeedConfig& feed, std::string_view content) const {
  intake::SetFacts facts;
  facts.set = feed.set;
  facts.campaign = feed.campaign;
  facts.source = feed.url;
  facts.severity = feed.severity;
  facts.added_ns = parts_.clock.wall_ns();
  facts.accept_review = feed.accept_review;
  if (feed.expires_s)
    facts.expires_ns = facts.added_ns + static_cast<WallNs>(*feed.expires_s) * kNsPerSecond;
  auto set = feed.native ? intake::rewrite_native(content, facts, parts_.guard)
                         : intake::document_set({content, std::string(file_of(feed.url))}, facts,
                                                {parts_.guard, parts_.lists});
  if (!set) return std::unexpected(std::move(set).error());
  return std::move(set->text);
}

// Rows expire a span after they were imported: what the source still publishes is imported again in
// time.
bool FeedUpdate::must_renew(const FeedConfig& feed, const FeedState& before) const {
  if (!feed.expires_s) return false;
  const auto half = static_cast<WallNs>(*feed.expires_s) * kNsPerSecond / 2;
  return parts_.clock.wall_ns() - before.taken_ns > half;
}

Result<FeedUpdate::Taken> FeedUpdate::take(const FeedConfig& feed, const FeedState& before,
                                           bool accept_shrunk) const {
  FetchRequest request;
  request.url = feed.url;
  request.ca_file = feed.ca_file;
  request.bytes_max = feed.bytes_max;
  request.stop = parts_.stop;
  request.stalled_s = parts_.stalled_s;
  const bool renew = must_renew(feed, before);
  if (before.url == feed.url && before.state == "ok" && !renew) {
    request.etag = before.etag;
    request.last_modified = before.last_modified;
  }
  Taken taken;
  TOCSIN_TRY(taken.fetched, fetch(request));
  if (taken.fetched.not_modified) {
    taken.unchanged = true;
    return taken;
  }
  taken.digest = sha256_hex(taken.fetched.body);
  if (!feed.is_unsigned) TOCSIN_TRY_VOID(check_signature(feed, before, taken.fetched.body, taken));
  if (taken.digest == before.digest &&
      !renew) {  // also after a roll-back: the same is not taken again
    taken.unchanged = true;
    return taken;
  }
  TOCSIN_TRY(const auto native, convert(feed, taken.fetched.body));
  auto answer = parts_.import(feed.set, native, accept_shrunk);
  if (answer)
    taken.answer = std::move(*answer);
  else if (answer.error().code == ErrorCode::kLimit)
    taken.held = std::move(answer).error().message;
  else
    return std::unexpected(std::move(answer).error());
  return taken;
}

FeedState FeedUpdate::run(const FeedConfig& feed, FeedState state, bool accept_shrunk) const {
  if (state.url != feed.url) state = FeedState();
  state.url = feed.url;
  auto taken = take(feed, state, accept_shrunk);
  state.last_try_ns = parts_.clock.wall_ns();
  if (!taken || !taken->held.empty()) {
    ++state.failures;
    state.state = taken ? "held" : "failed";
    state.message = taken ? std::move(taken->held) : std::move(taken).error().message;
    return state;
  }
  state.state = "ok";
  state.message.clear();
  state.failures = 0;
  state.last_ok_ns = state.last_try_ns;
  if (taken->sequence) state.sequence = std::max(taken->sequence, state.sequence);
  if (!taken->fetched.not_modified) {
    state.etag = std::move(taken->fetched.etag);
    state.last_modified = std::move(taken->fetched.last_modified);
  }
  if (taken->unchanged) return state;
  state.digest = std::move(taken->digest);
  state.taken_ns = state.last_try_ns;
  state.indicators = answered_count(taken->answer, "accepted");
  state.review = answered_count(taken->answer, "review");
  state.refused = answered_count(taken->answer, "refused");
  return state;
}

WallNs next_try(const FeedConfig& feed, const FeedState& state, WallNs now, double jitter) {
  std::uint64_t wait_s = feed.interval_s;
  if (state.failures > 0) {
    const auto doublings = std::min<std::uint64_t>(state.failures - 1, kRetryDoublingsMax);
    wait_s = std::min(wait_s, kFirstRetryS << doublings);
  }
  const double moved = static_cast<double>(wait_s) * (1 + kJitterShare * (2 * jitter - 1));
  return now + static_cast<WallNs>(moved * static_cast<double>(kNsPerSecond));
}

}  // namespace tocsin::relay
